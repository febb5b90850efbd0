// Hosts that lack something: a program, room on the disk, the caller's rights.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { IGNITE, image, place, runProgram } from '../world/index.ts';
import { assertNothingMore, startOwnDaemon, traces } from './own-daemon.ts';
import { assertFails } from './shown.ts';

test('a host without QEMU', async () => {
  await using own = await startOwnDaemon({ files: { '/usr/bin/qemu-system-x86_64': undefined } });
  const usual = await traces(own.place);
  assertFails(await own.ignite(['run', image('busybox'), 'true']), {
    code: 125,
    says: /qemu-system-x86_64 is not installed: apt-get install qemu-system-x86/,
    stage: 'vmm',
    hint: /ignite system info/,
  });
  await assertNothingMore(own.place, usual);
});

test('a disk with no room for an image', async () => {
  await using own = await startOwnDaemon({ stateBytes: 24 << 20 });
  const usual = await traces(own.place);
  assertFails(await own.ignite(['run', image('busybox'), 'true']), {
    code: 125,
    says: /needs about .* are free/,
    stage: 'image',
    hint: /Free space/,
  });
  await assertNothingMore(own.place, usual);
});

test('a disk that is full: what fails says so, and rm works', async () => {
  await using own = await startOwnDaemon({ stateBytes: 120 << 20 });
  const made = await own.ignite(['create', '--name', 'a', image('busybox'), 'true']);
  assert.equal(made.code, 0, made.stderr);
  const usual = await traces(own.place);
  await writeFile(join(own.place.state, 'filler'), Buffer.alloc(120 << 20)).catch(() => {}); // until it is full

  const full = { says: /is full/, stage: '\\w+', hint: /Free space/ };
  assertFails(await own.ignite(['run', image('busybox'), 'true']), { code: 125, ...full });
  await assertNothingMore(own.place, usual);
  assertFails(await own.ignite(['start', 'a']), { code: 1, ...full });
  const removed = await own.ignite(['rm', 'a']);
  assert.equal(removed.code, 0, removed.stderr);
});

test('a user who is neither root nor in the group is told what to do', async () => {
  const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', IGNITE];
  const ended = await runProgram([...nobody, 'run', image('busybox'), 'true'], {
    env: { HOME: place().scratch },
  });
  assertFails(ended, { code: 125, says: /serves root and the group ignite only/, hint: /sudo/ });
});
