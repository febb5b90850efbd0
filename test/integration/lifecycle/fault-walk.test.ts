// A fault at every record that create, start, stop and rm write, one after the other: the daemon stands still there for
// ever and another one begins; or from there on the disk is full, or read-only, as it is told or as a real file system is. Afterwards each VM is whole or gone, what
// ran runs on in the same process, every verb works, and at the end nothing is left.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type SmallFileSystem, smallFileSystem } from '../faults/small-file-system.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { CALL, House, SERVES, START } from './house.ts';

before(buildPrograms);

const VM = 'victim';
const BYSTANDER = 'bystander';
/** Holds what two VMs without a disk of note have. */
const STATE_BYTES = 4 << 20;
/** More than any verb writes. */
const MOST_POINTS = 60;

interface Walk {
  readonly verb: string;
  readonly prepare: (house: House) => Promise<void>;
  readonly act: (house: House) => Promise<unknown>;
}

const create = (house: House) => house.create(VM, SERVES);
const createAndStart = async (house: House) => {
  await create(house);
  await house.vms.start(VM, START);
};

const WALKS: readonly Walk[] = [
  { verb: 'create', prepare: async () => {}, act: create },
  { verb: 'start', prepare: create, act: (house) => house.vms.start(VM, START) },
  { verb: 'stop', prepare: createAndStart, act: (house) => house.vms.stop(VM, CALL) },
  { verb: 'rm', prepare: createAndStart, act: (house) => house.vms.remove(VM, true, CALL) },
];

for (const walk of WALKS)
  describe(walk.verb, () => {
    let house: House;
    let disk: SmallFileSystem;
    let pid = 0;
    before(async () => {
      house = new House(await mkdtemp(join(tmpdir(), 'ignite-walk-')));
      disk = await smallFileSystem(STATE_BYTES);
      await symlink(disk.path, join(house.root, 'state'));
      await house.open();
      await house.create(BYSTANDER, SERVES);
      await house.vms.start(BYSTANDER, START);
      pid = await house.supervisorPid(BYSTANDER);
    });
    after(async () => {
      await using _ = disk;
      await using ending = house; // whatever fails before, nothing of it is left
      await ending.vms.remove(BYSTANDER, true, CALL);
      await ending.assertClean();
    });

    test('a daemon that stops at each record, before and after it', async () => {
      const points = await walkThrough(house, walk, EVERY_POINT, async (reached) => {
        reached();
        await new Promise(() => {});
      });
      assert.ok(points >= 4, `${points} points`);
      assert.equal(await house.supervisorPid(BYSTANDER), pid);
    });

    test('a disk that is full, or read-only, from each record on', async () => {
      let code = 'ENOSPC';
      await walkThrough(house, walk, EVERY_WRITE, async (reached, isFirst) => {
        if (isFirst) code = code === 'ENOSPC' ? 'EROFS' : 'ENOSPC';
        reached();
        throw Object.assign(new Error(code), { code });
      });
      assert.equal(await house.supervisorPid(BYSTANDER), pid);
    });

    test('a file system that is really full, or read-only, from each record on', async () => {
      let fills = false;
      const fault: Fault = async (reached, isFirst) => {
        if (isFirst) {
          fills = !fills;
          if (fills) await disk.fill();
          else disk.makeReadOnly();
        }
        reached();
      };
      await walkThrough(house, walk, { ...EVERY_WRITE, mend: () => disk.mend() }, fault);
      assert.equal(await house.supervisorPid(BYSTANDER), pid);
    });
  });

/** Which points count, and whether an operation that reaches one never comes back. */
interface Kind {
  readonly counts: (point: string) => boolean;
  readonly endless: boolean;
  /** Takes the fault back, before the next daemon begins. */
  readonly mend?: () => Promise<void>;
}

const EVERY_POINT: Kind = { counts: () => true, endless: true };
const EVERY_WRITE: Kind = { counts: (point) => point.startsWith('before'), endless: false };

/** What happens at a point, and at all after it. @param isFirst that it was not reached before */
type Fault = (reached: () => void, isFirst: boolean) => Promise<void>;

/** Acts again and again, with the fault one point later each time, until it is not reached. @returns how many points there are */
async function walkThrough(
  house: House,
  { verb, prepare, act }: Walk,
  { counts, endless, mend }: Kind,
  fault: Fault,
): Promise<number> {
  for (let at = 0; at < MOST_POINTS; at += 1) {
    await prepare(house);
    const reached = Promise.withResolvers<string>();
    let count = 0;
    house.outside.points = async (point) => {
      if (!counts(point)) return;
      count += 1;
      if (count > at) await fault(() => reached.resolve(point), count === at + 1);
    };
    const acting = act(house).then(
      () => 'done',
      () => 'failed',
    );
    const where = await Promise.race([reached.promise, acting]);
    if (!endless) await acting; // one that is told of a failure still cleans up after itself
    delete house.outside.points;
    await mend?.();
    await house.open();
    await assertWholeOrGone(house, verb, `${verb}, ${where}`);
    if (count <= at) return at;
  }
  return MOST_POINTS;
}

async function assertWholeOrGone(house: House, verb: string, where: string): Promise<void> {
  assert.equal(house.state(BYSTANDER), 'running', where);
  const vm = house.vms.list().find(({ metadata }) => metadata.name === VM);
  if (vm === undefined) assert.ok(verb === 'create' || verb === 'rm', `gone after ${where}`);
  else {
    await house.vms.start(VM, START);
    assert.equal(house.state(VM), 'running', where);
    await house.untilSeeded(VM, where);
    await house.vms.remove(VM, true, CALL);
  }
  assert.deepEqual(
    house.vms.list().map(({ metadata }) => metadata.name),
    [BYSTANDER],
    where,
  );
  assert.equal((await readdir(join(house.root, 'state/vms'))).length, 1, where);
  assert.deepEqual(await readdir(join(house.root, 'run')), ['0'], where);
  assert.deepEqual([...house.outside.taps], [0], where);
}
