// Guests that do not come up: the stage, the console's last lines, the way out; `run` leaves nothing, `start` keeps.
import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ignite, igniteOk, image, inspect, place, statusOf, vmName } from '../world/index.ts';
import { HANGS } from './hangs.ts';
import { assertNothingMore, traces } from './own-daemon.ts';
import { assertFails } from './shown.ts';

const PANICS = ['--kernel-args', 'console=ttyS0 panic=-1 rdinit=/none'] as const;
const PANIC = {
  code: 125,
  says: /ended before it was up: Kernel panic - not syncing: .*\(stage boot\)\nLast lines of the console:\n(?: {2}.*\n)*.*Kernel panic/,
  stage: 'boot',
  hint: /--keep-failed/,
};

let usual: readonly string[] = [];
before(async () => {
  await igniteOk(['run', '--rm', image('busybox'), 'true']);
  usual = await traces(place());
});

test('a kernel that panics', async () => {
  assertFails(await ignite(['run', ...PANICS, image('busybox'), 'true']), PANIC);
  await assertNothingMore(place(), usual);
});

test('a kernel that panics, detached', async () => {
  assertFails(await ignite(['run', '-d', ...PANICS, image('busybox'), 'true']), PANIC);
  await assertNothingMore(place(), usual);
});

test('a guest that never reports', async () => {
  assertFails(await ignite(['run', '--timeout', '3', ...HANGS, image('busybox'), 'true']), {
    code: 125,
    says: /did not report within 3 s/,
    stage: 'boot',
    hint: /--timeout/,
  });
  await assertNothingMore(place(), usual);
});

test('--keep-failed keeps it, with its console, until rm', async (t) => {
  const name = vmName(t, 'failed');
  const { code, stderr } = await ignite([
    'run',
    '--keep-failed',
    '--name',
    name,
    ...PANICS,
    image('busybox'),
  ]);
  assert.equal(code, 125);
  assert.match(stderr, new RegExp(`The VM ${name} is kept`));
  assert.equal(await statusOf(name), 'Failed (boot)');
  assert.match(await igniteOk(['logs', '--console', name]), /Kernel panic/);

  assertFails(await ignite(['start', name]), { ...PANIC, code: 1 });

  assert.equal(await statusOf(name), 'Failed (boot)');
  await igniteOk(['rm', name]);
  await assertNothingMore(place(), usual);
});

test('a disk that is damaged: the start fails, and the VM is kept', async (t) => {
  const name = vmName(t, 'damaged');
  await igniteOk(['create', '--name', name, image('busybox'), 'true']);
  const { metadata, bound } = await inspect(name);
  const disk = bound?.disk?.path ?? '';
  await truncate(join(place().state, 'vms', metadata.uid, disk), 100);

  const ended = await ignite(['start', name]);

  assertFails(ended, { code: 1, says: new RegExp(name), stage: '\\w+', hint: /\w/ });
  assert.equal((await inspect(name)).status.state, 'failed');
  await igniteOk(['rm', name]);
  await assertNothingMore(place(), usual);
});
