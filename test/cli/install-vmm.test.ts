// `ignite system install-vmm`: archives that fit are installed with their digest told, all others change nothing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { writeTar } from '@ignite/archive';
import { ignite } from './run-in-process.ts';
import { scratch } from './scratch.ts';

const says = (words: string) => `#!/bin/sh\necho '${words}'\n`;

async function archive(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const entries = Object.entries(files).map(([name, text]) => {
    const content = Buffer.from(text);
    return { type: 'file' as const, name, mode: 0o755, size: content.length, content: [content] };
  });
  return gzipSync(await buffer(writeTar(entries)));
}

const release = (version: string) => ({
  [`release-v${version}-x86_64/firecracker-v${version}-x86_64`]: says(`Firecracker v${version}`),
  [`release-v${version}-x86_64/jailer-v${version}-x86_64`]: says(`Jailer v${version}`),
  [`release-v${version}-x86_64/firecracker-v${version}-x86_64.debug`]: 'symbols',
});

test('programs of an archive take the place of what was there, and its digest is told', async () => {
  await using place = await scratch();
  const bytes = await archive(release('1.15.9'));
  const file = join(place.path, 'fc.tgz');
  await writeFile(file, bytes);
  await writeFile(join(place.path, 'firecracker'), 'older');
  const { code, stdout, stderr } = await ignite([
    ...['system', 'install-vmm', 'firecracker', '--from', file, '--to', place.path],
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Firecracker 1\.15\.9: .*\/firecracker, .*\/jailer$/m);
  const digest = createHash('sha256').update(bytes).digest('hex');
  assert.match(stderr, new RegExp(`sha256 ${digest}: no release that Ignite knows`));
  assert.match(await readFile(join(place.path, 'firecracker'), 'utf8'), /v1\.15\.9/);
  assert.equal((await stat(join(place.path, 'jailer'))).mode & 0o777, 0o755);
  assert.deepEqual((await readdir(place.path)).toSorted(), ['fc.tgz', 'firecracker', 'jailer']);
});

for (const [what, content, more, says_] of [
  ['an old release', release('1.14.4'), [], /holds 1\.14\.4; 1\.15 or newer is needed/],
  [
    'another version than was asked for',
    release('1.15.9'),
    ['--version', '1.16.1'],
    /holds 1\.15\.9, not 1\.16\.1/,
  ],
  ['no jailer', { 'r/firecracker-v1.15.9-x86_64': says('Firecracker v1.15.9') }, [], /no jailer in it/],
  [
    'programs that do not match',
    { ...release('1.15.9'), jailer: says('Jailer v1.15.8') },
    [],
    /firecracker is 1\.15\.9, but its jailer 1\.15\.8/,
  ],
  [
    'programs of another machine',
    { firecracker: '\x7fELF\x02\x01\x01', jailer: says('Jailer v1.15.9') },
    [],
    /does not run on this machine/,
  ],
  [
    'another checksum',
    release('1.15.9'),
    ['--sha256', 'f'.repeat(64)],
    /has sha256 [0-9a-f]{64}, not f{64}: nothing was installed/,
  ],
] as const)
  test(`an archive with ${what} is refused, and what was installed stays`, async () => {
    await using place = await scratch();
    const file = join(place.path, 'fc.tgz');
    await writeFile(file, await archive(content));
    await writeFile(join(place.path, 'firecracker'), 'older');
    const words = ['system', 'install-vmm', 'firecracker', '--from', file, '--to', place.path, ...more];
    const { code, stderr } = await ignite(words);
    assert.equal(code, 1);
    assert.match(stderr, says_);
    assert.equal(await readFile(join(place.path, 'firecracker'), 'utf8'), 'older');
    assert.deepEqual((await readdir(place.path)).toSorted(), ['fc.tgz', 'firecracker']);
  });

test('what is no archive, what is not there and what is not known is told', async () => {
  await using place = await scratch();
  const file = join(place.path, 'fc.tgz');
  await writeFile(file, 'hello');
  const to = ['--to', place.path];
  const run = (...words: string[]) => ignite(['system', 'install-vmm', ...words, ...to]);
  assert.match((await run('firecracker', '--from', file)).stderr, /no tar archive compressed by gzip/);
  assert.match((await run('firecracker', '--from', `${file}.no`)).stderr, /cannot be read/);
  assert.match(
    (await run('firecracker', '--version', '9.9.9')).stderr,
    /No checksum of Firecracker 9\.9\.9 .*known: 1\.15\.1/,
  );
  assert.match((await run('vmware')).stderr, /There is no vmware to install/);
});
