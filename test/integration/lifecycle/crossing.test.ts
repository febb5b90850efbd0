// The crossing table: each way a VM can end, crossed with each verb. Checked are the state word and who ended it, the exit
// code, what each verb answers (again is no error, CLI rule 11), that address and disk stay, and that nothing is left.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Vm } from '@ignite/api';
import { buildPrograms, eventually } from '../supervisor/world.ts';
import { filePointsBelow } from '../faults/file-points.ts';
import { CALL, type House, openHouse, SERVES, START } from './house.ts';

before(buildPrograms);

const { signal } = new AbortController();
const VM = 'victim';
const NAME_AFTER = 'renamed';

interface End {
  readonly how: string;
  /** Steps of the stand-in; a guest that ends by itself waits for the line `go`. */
  readonly steps?: string;
  readonly end: (house: House) => Promise<unknown>;
  readonly state: string;
  readonly by?: Vm['status']['endedBy'];
  readonly exitCode?: number;
  /** The end comes on a full disk, on which nothing starts; room is made before the other verbs. */
  readonly full?: Closed;
}

type Closed = 'disk-full' | 'read-only';

/** The disk of the state directory has no room for one more record, or takes no change; `/run` is memory. */
function fillDisk(house: House, how: Closed = 'disk-full'): Disposable {
  const points = filePointsBelow(join(house.root, 'state'));
  points.strike = async ({ grows, name }) => {
    if (how === 'read-only') throw Object.assign(new Error(name), { code: 'EROFS' });
    if (grows) throw Object.assign(new Error(`no room for ${name}`), { code: 'ENOSPC' });
  };
  return points;
}

const go = async (house: House) => house.tell(VM, 'go');
const guest = (words: string) => `ready=app await=go ${words}`;
const vmm = (house: House) => Number(house.vms.inspect(VM).status.runtime.id);

const ENDS: readonly End[] = [
  {
    how: 'stop',
    end: (house) => house.vms.stop(VM, CALL),
    state: 'stopped (exit 0)',
    by: 'user',
    exitCode: 0,
  },
  { how: 'kill', end: (house) => house.vms.kill(VM, CALL), state: 'stopped (killed)', by: 'user' },
  {
    how: 'its command ends',
    end: (house) => house.tell(VM, 'exit 3'),
    state: 'stopped (exit 3)',
    by: 'guest',
    exitCode: 3,
  },
  {
    how: 'its command is killed',
    steps: guest('done-signal=9 exit=0'),
    end: go,
    state: 'stopped (signal 9)',
    by: 'guest',
  },
  {
    how: 'out of memory',
    steps: guest('done-oom=9 exit=0'),
    end: go,
    state: 'stopped (out of memory)',
    by: 'guest',
  },
  {
    how: 'guest poweroff',
    steps: guest('intent=1 exit=0'),
    end: go,
    state: 'stopped (powered off)',
    by: 'guest',
  },
  {
    how: 'guest reboot',
    steps: guest('intent=2 exit=0'),
    end: go,
    state: 'stopped (guest rebooted)',
    by: 'guest',
  },
  {
    how: 'guest panic',
    steps: guest("'console=Kernel panic - not syncing: test' exit=0"),
    end: go,
    state: 'failed (kernel panic)',
    by: 'guest',
  },
  {
    how: 'VMM kill -9',
    end: async (house) => process.kill(vmm(house), 'SIGKILL'),
    state: 'failed (VMM crashed)',
    by: 'host',
  },
  {
    how: 'supervisor kill -9',
    end: async (house) => process.kill(await house.supervisorPid(VM), 'SIGKILL'),
    state: 'failed (supervisor lost)',
    by: 'host',
  },
  {
    how: 'host reboot',
    end: (house) => house.reboot('33333333-4444-5555-6666-777777777777'),
    state: 'stopped (host rebooted)',
    by: 'host',
  },
  {
    how: 'VMM kill -9 while no daemon runs',
    end: async (house) => {
      const pid = vmm(house);
      await house.engine[Symbol.asyncDispose]();
      process.kill(pid, 'SIGKILL');
      await house.open();
    },
    state: 'failed (VMM crashed)',
    by: 'host',
  },
  {
    how: 'stop on a full disk',
    end: async (house) => house.vms.stop(VM, CALL),
    state: 'stopped (exit 0)',
    full: 'disk-full',
  },
  {
    how: 'its command ends on a full disk',
    end: (house) => house.tell(VM, 'exit 3'),
    state: 'stopped (exit 3)',
    by: 'guest',
    exitCode: 3,
    full: 'disk-full',
  },
  {
    how: 'VMM kill -9 on a full disk',
    end: async (house) => process.kill(vmm(house), 'SIGKILL'),
    state: 'failed (VMM crashed)',
    by: 'host',
    full: 'disk-full',
  },
  {
    how: 'supervisor kill -9 on a full disk',
    end: async (house) => process.kill(await house.supervisorPid(VM), 'SIGKILL'),
    state: 'failed (supervisor lost)',
    by: 'host',
    full: 'disk-full',
  },
  {
    how: 'stop on a read-only disk',
    end: async (house) => house.vms.stop(VM, CALL),
    state: 'stopped (exit 0)',
    full: 'read-only',
  },
  {
    how: 'VMM kill -9 on a read-only disk',
    end: async (house) => process.kill(vmm(house), 'SIGKILL'),
    state: 'failed (VMM crashed)',
    by: 'host',
    full: 'read-only',
  },
  {
    how: 'a start that fails',
    end: async (house) => {
      await house.vms.stop(VM, CALL);
      const attach = house.outside.attach;
      house.outside.attach = () => Promise.reject(new Error('no tap today'));
      await assert.rejects(house.vms.start(VM, START));
      house.outside.attach = attach;
    },
    state: 'failed (network)',
  },
];

describe('ends and verbs', () => {
  for (const one of ENDS)
    test(one.how, async () => {
      await using house = await openHouse();
      await house.create(VM, one.steps ?? SERVES);
      await house.vms.start(VM, START);
      const { bound, metadata } = house.vms.inspect(VM);
      const disk = join(house.root, 'state/vms', metadata.uid, bound?.disk?.path ?? '');
      await writeFile(disk, 'what the guest wrote');

      using room = new DisposableStack();
      if (one.full !== undefined) room.use(fillDisk(house, one.full));
      await one.end(house);
      await house.becomes(VM, one.state);
      assertEnd(house.vms.inspect(VM), one);
      await house.assertClean();
      if (one.full !== undefined)
        await assert.rejects(house.vms.start(VM, START), { code: `state/${one.full}` });
      await house.becomes(VM, one.state);
      room.dispose();
      if (one.full !== undefined) await house.open(); // which may find nothing of the end in the record
      await house.becomes(VM, one.state);

      await verbsThatNeedNoRun(house, one);
      await verbsThatNeedARun(house);
      await house.becomes(VM, one.state);

      await house.vms.start(VM, START);
      assert.equal(house.state(VM), 'running');
      assert.deepEqual(house.vms.inspect(VM).bound, bound);
      assert.equal(await readFile(disk, 'utf8'), 'what the guest wrote');
      await assert.rejects(house.vms.remove(VM, false, CALL), { code: 'vm/running' });
      await house.vms.kill(VM, CALL);
      await house.vms.rename(VM, NAME_AFTER, signal);
      await house.vms.remove(NAME_AFTER, false, CALL);
      assert.deepEqual(house.vms.list(), []);
      await house.assertClean();
    });
});

test('daemon kill -9: the VM runs on, and every verb works on it', async () => {
  await using house = await openHouse();
  await house.create(VM, SERVES);
  await house.vms.start(VM, START);
  const pid = await house.supervisorPid(VM);
  await house.open();
  assert.equal(house.state(VM), 'running');
  await house.vms.start(VM, START);
  await house.vms.setPaused(VM, true, signal);
  await house.vms.setPaused(VM, false, signal);
  await house.vms.stats(VM, signal);
  assert.equal(await house.supervisorPid(VM), pid);
  await house.vms.remove(VM, true, CALL);
  await house.assertClean();
});

test('a start that fails on a disk that has just become full is told as failed, and works when there is room', async () => {
  await using house = await openHouse();
  await house.create(VM, SERVES);
  await house.vms.start(VM, START);
  await house.vms.stop(VM, CALL);
  using room = new DisposableStack();
  const attach = house.outside.attach;
  house.outside.attach = async () => {
    room.use(fillDisk(house));
    throw new Error('no tap today');
  };
  await assert.rejects(house.vms.start(VM, START));
  assert.equal(house.state(VM), 'failed (network)');
  house.outside.attach = attach;
  room.dispose();
  await house.vms.start(VM, START);
  assert.equal(house.state(VM), 'running');
});

test('a guest that resets without a word after a run that panicked is not told as a panic again', async () => {
  await using house = await openHouse();
  await house.create(VM, SERVES); // it echoes what its console is told
  await house.vms.start(VM, START);
  await house.tell(VM, 'Kernel panic - not syncing: test\nreset');
  await house.becomes(VM, 'failed (kernel panic)');
  await house.vms.start(VM, START);
  await house.tell(VM, 'reset');
  await house.becomes(VM, 'stopped (powered off)');
});

test('twice the same end in a row is told twice, with its own time', async () => {
  await using house = await openHouse();
  await house.create(VM, SERVES);
  const times: (string | undefined)[] = [];
  for (const _ of ['first', 'second']) {
    await house.vms.start(VM, START);
    await house.tell(VM, 'exit 3');
    await house.becomes(VM, 'stopped (exit 3)');
    times.push(house.vms.inspect(VM).status.finishedAt);
  }
  assert.notEqual(times[0], times[1]);
  await eventually(
    () => house.engine.events.filter((event) => event.startsWith('die')).length,
    (count) => count === 2,
  );
});

function assertEnd({ status }: Vm, { by, exitCode }: End): void {
  assert.equal(status.running, false);
  if (by !== undefined) assert.equal(status.endedBy, by);
  if (by !== undefined) assert.ok(status.finishedAt);
  if (exitCode !== undefined) assert.equal(status.exitCode, exitCode);
  assert.equal(status.agent, 'none');
}

/** None of them is an error, and none of them changes how the VM ended. */
async function verbsThatNeedNoRun(house: House, { exitCode }: End): Promise<void> {
  for (const _ of ['first', 'again']) {
    await house.vms.stop(VM, CALL);
    await house.vms.kill(VM, CALL);
  }
  const end = await house.vms.wait(VM, 'stopped', signal);
  if (exitCode !== undefined) assert.equal(end?.code, exitCode);
  assert.ok(house.vms.logs(VM).directory);
  await house.vms.rename(VM, NAME_AFTER, signal);
  await house.vms.rename(NAME_AFTER, VM, signal);
}

async function verbsThatNeedARun(house: House): Promise<void> {
  const refused = { code: 'vm/not-running' };
  await assert.rejects(house.vms.setPaused(VM, true, signal), refused);
  await assert.rejects(house.vms.setPaused(VM, false, signal), refused);
  await assert.rejects(house.vms.stats(VM, signal), refused);
  await assert.rejects(house.vms.processes(VM, signal), refused);
  const exec = house.vms.stream(VM, { kind: 1, argv: ['true'] }, AbortSignal.timeout(180_000));
  await assert.rejects(exec, refused);
}
