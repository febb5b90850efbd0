import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { hostClock } from '../../host/index.ts';
import { openState } from '../../state/index.ts';
import { openVolumes, type Volumes } from './index.ts';

const signal = new AbortController().signal;
const MIB = 1 << 20;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-volumes-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** As a daemon that starts on the folder; ends it when the work is done. */
async function opened<T>(work: (volumes: Volumes) => Promise<T>): Promise<T> {
  await using state = await openState({
    root: join(folder, 's'),
    runRoot: join(folder, 'r'),
    writer: 'test',
  });
  const complain = (text: string) => assert.fail(text);
  return await work(await openVolumes({ store: state.volumes, clock: hostClock(), complain }));
}

test('a volume is a sparse ext4 file with its name as label, and is there for the next daemon', async () => {
  const made = await opened((volumes) =>
    volumes.create({ name: 'data', bytes: 300 * MIB, labels: { a: 'b' } }, signal),
  );
  await opened(async (volumes) => {
    assert.deepEqual(volumes.get('data'), made);
    const path = volumes.path(made.metadata.uid);
    const { size, mode } = await stat(path);
    assert.deepEqual([size, mode & 0o777], [300 * MIB, 0o600]);
    assert.ok((await volumes.allocated(made.metadata.uid)) < 8 * MIB);
    const superblock = (await readFile(path)).subarray(1024, 2048);
    assert.equal(superblock.readUInt16LE(56), 0xef53);
    assert.equal(superblock.toString('latin1', 120, 124), 'data');
    assert.equal(superblock.toString('hex', 104, 120), made.bound.uuid.replaceAll('-', ''));
    assert.deepEqual((await readdir(join(path, '..'))).toSorted(), ['disk.raw', 'journal', 'record.json']);
  });
});

test('making again is no error, unless it is smaller than what is asked for', async () => {
  await opened(async (volumes) => {
    const [first, second] = await Promise.all([
      volumes.create({ name: 'data', bytes: 64 * MIB }, signal),
      volumes.create({ name: 'data' }, signal),
    ]);
    assert.equal(first.metadata.uid, second.metadata.uid);
    await assert.rejects(volumes.create({ name: 'data', bytes: 65 * MIB }, signal), (error) =>
      isIgniteError(error, 'volumes/name-taken'),
    );
    assert.equal(volumes.list().length, 1);
    assert.match((await volumes.create({}, signal)).metadata.name, /^[a-z]+-[a-z]+/);
  });
});

test('bad names and sizes are refused, and nothing is left of them', async () => {
  await opened(async (volumes) => {
    for (const name of ['', '.', '../x', 'a/b', '-a', 'a b', 'a'.repeat(129)])
      await assert.rejects(volumes.create({ name }, signal), (error) =>
        isIgniteError(error, 'volumes/invalid-name'),
      );
    for (const bytes of [0, MIB, 17 * 1024 ** 4])
      await assert.rejects(volumes.create({ name: 'a', bytes }, signal), (error) =>
        isIgniteError(error, 'volumes/invalid-size'),
      );
    await assert.rejects(volumes.create({ name: 'a' }, AbortSignal.abort()), (error) =>
      isIgniteError(error, 'host/cancelled'),
    );
    assert.deepEqual(volumes.list(), []);
  });
  assert.deepEqual(await readdir(join(folder, 's/volumes')), []);
});

test('a volume grows and never shrinks; a growth cut short is finished by the next daemon', async () => {
  const path = await opened(async (volumes) => {
    const { metadata } = await volumes.create({ name: 'data', bytes: 64 * MIB }, signal);
    await volumes.grow(metadata.uid, 80 * MIB);
    await assert.rejects(volumes.grow(metadata.uid, 64 * MIB), (error) =>
      isIgniteError(error, 'volumes/shrink'),
    );
    return volumes.path(metadata.uid);
  });
  assert.equal((await stat(path)).size, 80 * MIB);
  await truncate(path, 64 * MIB); // as if the record was written and the file was not yet
  await opened(async () => {});
  assert.equal((await stat(path)).size, 80 * MIB);
});

test('what is held is not removed; what is removed is gone; what was half made is undone', async () => {
  await opened(async (volumes) => {
    const { metadata } = await volumes.create({ name: 'data', bytes: 64 * MIB }, signal);
    {
      using _held = volumes.hold('data');
      await assert.rejects(
        volumes.remove(metadata.uid, () => false),
        (error) => isIgniteError(error, 'volumes/in-use'),
      );
    }
    await volumes.remove(metadata.uid, () => false);
    assert.throws(
      () => volumes.get('data'),
      (error) => isIgniteError(error, 'volumes/not-found'),
    );
  });
  await mkdir(join(folder, 's/volumes/0123456789abcdef'));
  await opened(async (volumes) => assert.deepEqual(volumes.list(), []));
  assert.deepEqual(await readdir(join(folder, 's/volumes')), []);
});
