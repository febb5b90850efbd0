// A VMM with a jail and sockets of its own that is killed at each stage of its start, and jails that cannot be made: one
// clear word each, and nothing left on the host.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import type { Launch } from '../../../engine/src/supervisor/index.ts';
import { eventually, makeWorld, STAND_IN, type World } from './world.ts';

const skip = process.getuid?.() !== 0;
const DOORS = { facts: '/run/s_1024', link: '/run/s_1025', vmm: '/run/api.sock', log: '/run/log' };
const UID = 54_324;
const BUSYBOX = '/bin/busybox';

type Jail = NonNullable<Launch['jail']>;

function jailed(world: World, change: Partial<Jail> = {}): Partial<Launch> {
  return {
    uid: UID,
    gid: UID,
    descriptors: [{ fd: 0, kind: 'console' }],
    jail: {
      root: join(world.run, 'jail'),
      binds: [{ writable: false, source: STAND_IN, target: '/vmm' }],
      files: [{ target: '/configuration.json', content: '{}' }],
      doors: DOORS,
      ...change,
    },
  };
}

async function assertNothingLeft(world: World): Promise<void> {
  await eventually(world.processes, (pids) => pids.length === 0); // its end is told a moment before it is gone
  assert.ok(!(await readFile('/proc/self/mountinfo', 'utf8')).includes(world.root), 'no mount is left');
  const sockets = (await world.files()).filter((name) => /\.sock|api|s_102/.test(name));
  assert.deepEqual(sockets, []);
}

const BEGUN = [`fifo=${DOORS.log}`, `vmm-serve=${DOORS.vmm}`];
const called = (token: string) => [...BEGUN, `facts-call=${DOORS.facts}`, `token=${token}`];

for (const [stage, steps, ready] of [
  ['as its first act', () => [], false],
  ['when it has opened its log', () => BEGUN.slice(0, 1), false],
  ['when its API answers', () => BEGUN, false],
  ['when its guest has called', (token: string) => called(token), false],
  ['when its guest is ready', (token: string) => [...called(token), 'ready=app'], true],
  [
    'when the agent has called',
    (token: string) => [...called(token), 'ready=app', `link-call=${DOORS.link}`, `link-show=${token}`],
    true,
  ],
] as const)
  test(`a VMM that is killed ${stage}`, { skip }, async () => {
    await using world = await makeWorld();
    const argv = ['/vmm', 'console=0', ...steps(world.token), 'signal=9'] as const;
    const handle = await world.start([], { ...jailed(world), argv });
    const exit = await handle.ended;
    assert.deepEqual(exit?.vmm, { signal: 9 });
    assert.deepEqual([exit.ready, exit.killed], [ready, false]);
    await assertNothingLeft(world);
  });

test('a jail that exists already is made anew; what lies in its folder is not seen and not touched', {
  skip,
}, async () => {
  await using world = await makeWorld();
  const root = join(world.run, 'jail');
  await mkdir(join(root, 'run'), { recursive: true });
  await writeFile(join(root, 'run/api.sock'), 'of an earlier start');
  const handle = await world.start([], { ...jailed(world), argv: ['/vmm', 'console=0', ...BEGUN, 'exit=3'] });
  assert.deepEqual((await handle.ended)?.vmm, { code: 3 });
  assert.equal(await readFile(join(root, 'run/api.sock'), 'utf8'), 'of an earlier start');
});

test('a jail that is full: the VMM’s own words are kept, and the host’s disk is not touched', {
  skip,
}, async () => {
  await using world = await makeWorld();
  const { jail, ...launch } = jailed(world, {
    mebibytes: 1,
    binds: [{ writable: false, source: BUSYBOX, target: '/busybox' }],
    devices: ['/dev/zero'],
  });
  assert.ok(jail !== undefined);
  const argv = ['/busybox', 'dd', 'if=/dev/zero', 'of=/run/copy', 'bs=64k', 'count=100'] as const;
  const handle = await world.start([], { ...launch, jail, argv });
  assert.deepEqual((await handle.ended)?.vmm, { code: 1 });
  const said = await Promise.all(
    ['vmm.log', 'console.log'].map((name) => readFile(join(world.logs, name), 'utf8').catch(() => '')),
  );
  assert.match(said.join(), /No space left on device/);
  await assertNothingLeft(world);
});

test('a jail whose place is a file is told with its stage', { skip }, async () => {
  await using world = await makeWorld();
  const place = join(world.run, 'jail');
  await writeFile(place, '');
  const argv = ['/vmm', 'console=0', 'serve'] as const;
  await assert.rejects(
    world.start([], { ...jailed(world), argv }),
    (error) =>
      isIgniteError(error, 'supervisor/start-failed') &&
      error.stage === 'jail' &&
      error.message.includes(place),
  );
  await assertNothingLeft(world);
});
