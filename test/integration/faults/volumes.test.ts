// A fault at every change of a file that making, enlarging and removing a volume is made of: afterwards the volume is whole
// or gone, the other one is as it was, and nothing else is left.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openVolumes, type Volumes } from '../../../engine/src/disks/index.ts';
import { hostClock } from '../../../engine/src/host/index.ts';
import { openState, type State } from '../../../engine/src/state/index.ts';
import { type FilePoints, filePointsBelow } from './file-points.ts';
import { type SmallFileSystem, smallFileSystem } from './small-file-system.ts';
import { type Fault, walk } from './walk.ts';

const MIB = 1 << 20;
const VICTIM = { name: 'victim', bytes: 40 * MIB };
const LARGER = 80 * MIB;
const FAULTS: readonly Fault[] = ['stands still', 'ENOSPC', 'EROFS', 'really full', 'really read-only'];
/** Room for three volumes without content. */
const ROOM = 24 * MIB;
const WHOLE = ['disk.raw', 'journal', 'record.json'];
const { signal } = new AbortController();

describe('volumes', () => {
  let root: string;
  let disk: SmallFileSystem;
  let points: FilePoints;
  let state: State | undefined;
  let volumes: Volumes;
  let other = '';

  /** As a daemon that starts. */
  const reopen = async () => {
    await state?.[Symbol.asyncDispose]();
    state = await openState({ root: join(root, 's'), runRoot: join(root, 'r'), writer: 'test' });
    const complain = (text: string, error: unknown) => assert.fail(`${text}: ${String(error)}`);
    volumes = await openVolumes({ store: state.volumes, clock: hostClock(), complain });
  };
  const victim = () => volumes.list().find(({ metadata }) => metadata.name === VICTIM.name);
  const remove = async () => {
    const there = victim();
    if (there !== undefined) await volumes.remove(there.metadata.uid, () => false);
  };
  const make = async () => void (await volumes.create(VICTIM, signal));
  const makeAnew = async () => {
    await remove();
    await make();
  };
  const grow = () => volumes.grow(victim()?.metadata.uid ?? '', LARGER);

  before(async () => {
    disk = await smallFileSystem(ROOM);
    root = disk.path;
    points = filePointsBelow(root);
    await reopen();
    other = (await volumes.create({ name: 'other', bytes: 32 * MIB }, signal)).metadata.uid;
  });
  after(async () => {
    points[Symbol.dispose]();
    await state?.[Symbol.asyncDispose]();
    await disk[Symbol.asyncDispose]();
  });

  const walks = [
    { verb: 'create', prepare: remove, act: make, least: 8 },
    { verb: 'resize', prepare: makeAnew, act: grow, least: 2 },
    { verb: 'rm', prepare: makeAnew, act: remove, least: 2 },
  ] as const;

  for (const { verb, prepare, act, least } of walks)
    for (const fault of FAULTS)
      test(`${verb}, ${fault}`, async () => {
        const assertWholeOrGone = async (where: string) => {
          await assertVolumes(where, verb);
          await makeAnew(); // and every verb works again
          await grow();
        };
        const found = await walk(points, fault, { prepare, act, reopen, assertWholeOrGone }, disk);
        assert.ok(found >= least, `${found} points`);
      });

  async function assertVolumes(where: string, verb: string): Promise<void> {
    assert.equal(volumes.get('other').metadata.uid, other, where);
    const there = victim();
    if (there === undefined) assert.notEqual(verb, 'resize', where);
    const uids = [other, ...(there === undefined ? [] : [there.metadata.uid])];
    assert.deepEqual((await readdir(join(root, 's/volumes'))).toSorted(), uids.toSorted(), where);
    for (const uid of uids) {
      const path = volumes.path(uid);
      assert.deepEqual((await readdir(join(path, '..'))).filter(isNoBackup).toSorted(), WHOLE, where);
      assert.equal((await stat(path)).size, volumes.get(uid).spec.size, where);
      assert.equal((await readFile(path)).readUInt16LE(1024 + 56), 0xef53, where);
    }
    assert.deepEqual(await readdir(join(root, 's/trash')).catch(() => []), [], where);
  }
});

/** The record of before is kept beside the record. */
function isNoBackup(name: string): boolean {
  return name !== 'record.bak';
}
