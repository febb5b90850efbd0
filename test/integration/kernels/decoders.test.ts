// Our decoders against the real programs: what xz and lz4 pack in all their ways comes out as it was.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { decompress, detectCompression } from '../../../engine/src/kernels/compression/index.ts';

const commands = hostCommands();
let folder: string;
let source: Buffer;
const LIMIT = 64 << 20;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-decoders-'));
  // programs, zeros, repeats, and noise that does not pack
  const program = await readFile(process.execPath);
  const noise = Buffer.concat(
    Array.from({ length: 4096 }, (_, i) => createHash('sha512').update(String(i)).digest()),
  );
  source = Buffer.concat([
    program.subarray(20 << 20, 25 << 20),
    Buffer.alloc(3 << 20),
    noise,
    noise,
    Buffer.from('end'),
  ]);
  await writeFile(join(folder, 'source'), source);
});
after(() => rm(folder, { recursive: true, force: true }));

const CASES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'the default': ['xz'],
  'many blocks, sha256': ['xz', '--check=sha256', '--block-size=1MiB', '-1'],
  'no check, small dictionary': ['xz', '--check=none', '--lzma2=dict=4KiB,lc=0,lp=2,pb=0'],
  'as the kernel’s build does': ['xz', '--check=crc32', '--x86', '--lzma2=dict=32MiB'],
  'as module packages do': ['xz', '--check=crc32', '--lzma2=dict=1MiB'],
  'the legacy frame of lz4': ['lz4', '-l', '-9'],
};

for (const [name, [program, ...words]] of Object.entries(CASES)) {
  test(`${program}: ${name}`, async () => {
    const suffix = program === 'xz' ? '.xz' : '.lz4';
    await rm(join(folder, `source${suffix}`), { force: true });
    const file = program === 'xz' ? ['--keep', 'source'] : ['source', `source${suffix}`];
    await commands.run([program, ...words, ...file], { cwd: folder, timeoutMs: 600_000 });
    const packed = await readFile(join(folder, `source${suffix}`));
    const compression = detectCompression(packed);
    assert.equal(compression, program);
    if (compression !== undefined) assert.ok(decompress(packed, compression, LIMIT).equals(source));
  });
}
