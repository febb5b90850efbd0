// Whether QEMU's program on a host can be used, and in one sentence why not. Programs of a line each stand in.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import type { Commands } from '../../host/index.ts';
import { createQemuDriver } from './driver.ts';

const signal = new AbortController().signal;
const verdicts = { load: async () => ({ trusted: false, reason: 'no KVM' }), save: async () => {} };

/** What `--version` does, by words or an error. */
function says(answer: string | IgniteError): Commands {
  return {
    run: async () => {
      if (answer instanceof IgniteError) throw answer;
      return { code: 0, stdout: answer, stderr: '' };
    },
  };
}

async function probe(commands: Commands, mode = 0o755) {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-qemu-'));
  try {
    const path = join(folder, 'qemu-system-x86_64');
    await writeFile(path, '');
    await chmod(path, mode);
    const find = async () => path;
    return await createQemuDriver({ commands, verdicts, architecture: 'x86_64', find }).probe({}, signal);
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const [what, answer, reason] of [
  [
    'too old',
    'QEMU emulator version 5.2.0 (Debian 1:5.2+dfsg-11)\n',
    /is QEMU 5\.2\.0; 6\.0 or newer.*apt-get/,
  ],
  ['another program', 'hello\n', /did not say its version/],
  ['broken', new IgniteError('host/command-failed', 'no library'), /did not say its version/],
  [
    'for another machine',
    new IgniteError('host/program-missing', 'ENOENT'),
    /loader is missing, or it is for another/,
  ],
] as const)
  test(`a QEMU that is ${what} is told in one sentence`, async () => {
    const found = await probe(says(answer));
    assert.equal(found.usable, false);
    assert.match(found.reason ?? '', reason);
  });

test('one that is missing, or may not be executed, is told', async () => {
  const input = { commands: says(''), verdicts, architecture: 'x86_64', find: async () => undefined };
  const found = await createQemuDriver(input).probe({}, signal);
  assert.match(found.reason ?? '', /not installed: apt-get install qemu-system-x86/);
  assert.match((await probe(says(''), 0o644)).reason ?? '', /executable/);
});

test('what counts is the machine that the program runs on, not the one that it makes', async () => {
  const commands = says('QEMU emulator version 7.2.22\n');
  for (const architecture of ['x86_64', 'aarch64']) {
    const input = { commands, verdicts, architecture, find: async () => process.execPath };
    assert.equal((await createQemuDriver(input).probe({}, signal)).usable, true);
  }
});

test('one that fits is found with its version; one that is too slow to tell is used all the same', async () => {
  const found = await probe(says('QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\n'));
  assert.deepEqual([found.usable, found.program?.version, found.accelerator], [true, '7.2.22', 'tcg']);
  const late = await probe(says(new IgniteError('host/deadline', 'late')));
  assert.deepEqual([late.usable, late.program?.version], [true, 'unknown']);
});
