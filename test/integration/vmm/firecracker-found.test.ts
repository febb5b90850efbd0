// Whether Firecracker's programs on a host can be used, and in one sentence why not. Programs of a line each stand in.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { createFirecrackerDriver } from '../../../engine/src/vmm/index.ts';

const soon = () => AbortSignal.timeout(180_000);
const verdicts = { load: async () => ({ trusted: true }), save: async () => {} };

function driverAt(path: string) {
  return createFirecrackerDriver({
    commands: hostCommands(),
    verdicts,
    architecture: 'x86_64',
    path,
    find: async () => undefined,
    isRoot: true,
  });
}

async function programs(
  lines: Readonly<Record<string, string | Buffer | readonly [string, number]>>,
): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-fc-'));
  for (const [name, what] of Object.entries(lines)) {
    const [content, mode] =
      typeof what === 'string' || Buffer.isBuffer(what) ? ([what, 0o755] as const) : what;
    await writeFile(join(folder, name), content);
    await chmod(join(folder, name), mode);
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** The head of an ELF file. @param machine its `e_machine` */
const elfOf = (machine: number) =>
  Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01'.padEnd(18, '\0'), 'latin1'), Buffer.of(machine, 0)]);

const says = (words: string) => `#!/bin/sh\necho '${words}'\n`;

for (const [what, files, reason] of [
  ['missing', {}, /cannot be executed: it is not there/],
  [
    'too old',
    { firecracker: says('Firecracker v1.14.4'), jailer: says('Jailer v1.14.4') },
    /1\.14\.4; 1\.15 or newer/,
  ],
  ['without its jailer', { firecracker: says('Firecracker v1.16.1') }, /needs its jailer/],
  [
    'beside a jailer of another version',
    { firecracker: says('Firecracker v1.16.1'), jailer: says('Jailer v1.15.1') },
    /both must be equal/,
  ],
  [
    'another program',
    { firecracker: says('hello'), jailer: says('Jailer v1.15.1') },
    /did not say its version/,
  ],
  [
    'for another machine',
    { firecracker: elfOf(process.arch === 'x64' ? 183 : 62), jailer: says('Jailer v1.15.1') },
    /cannot be executed: it is for (aarch64|x86_64), and this machine is (aarch64|x86_64)/,
  ],
  ['cut off', { firecracker: '\x7fELF\x02\x01\x01', jailer: says('Jailer v1.15.1') }, /for this machine/],
  [
    'not executable',
    { firecracker: [says('Firecracker v1.16.1'), 0o644] },
    /cannot be executed: it is not executable \(chmod \+x \S+firecracker\)/,
  ],
] as const)
  test(`a Firecracker that is ${what} is told in one sentence`, async () => {
    await using made = await programs(files);
    const found = await driverAt(join(made.folder, 'firecracker')).probe({ vmlinux: '/k' }, soon());
    assert.equal(found.usable, false);
    assert.match(found.reason ?? '', reason);
  });

test('one that fits is found with its version', async () => {
  await using made = await programs({
    firecracker: says('Firecracker v1.16.1'),
    jailer: says('Jailer v1.16.1'),
  });
  const found = await driverAt(join(made.folder, 'firecracker')).probe({ vmlinux: '/k' }, soon());
  assert.equal(found.program?.version, '1.16.1');
});
