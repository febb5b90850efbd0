// The volumes of one state directory: made completely or not at all, kept until they are removed.
import { randomBytes, randomUUID } from 'node:crypto';
import { stat, truncate } from 'node:fs/promises';
import { IgniteError, isIgniteError, VOLUME_RECORD_FORMAT, type VolumeRecord } from '@ignite/api';
import { DEFAULTS } from '@ignite/api/limits';
import { generateName, generateUid, isVolumeName, matchObject } from '@ignite/api/names';
import { displaySize } from '@ignite/api/sizes';
import { type Clock, createQueue } from '../../host/index.ts';
import type { VolumeStore } from '../../state/port.ts';
import { diskFailure } from '../disk-errors.ts';
import { formatVolume } from './format-volume.ts';
import { createHolds, type Holds } from './holds.ts';
import type { NewVolume, Volumes } from './port.ts';
import { volumeSize } from './volume-size.ts';

interface VolumesInput {
  readonly store: VolumeStore;
  readonly clock: Clock;
  /** Failures that nobody waits for. */
  readonly complain: (text: string, error: unknown) => void;
}

const FILE_CLAIM = 'disk.raw';
const GENERATION = 1;

/** Undoes what was half made, finishes what was half grown, and answers. */
export async function openVolumes(input: VolumesInput): Promise<Volumes> {
  const { store } = input;
  await recover(input);
  const queue = createQueue(); // two volumes never get one name
  const holds = createHolds();
  const find = (word: string) =>
    matchObject(
      store.list().map((record) => ({ ...record.metadata, record })),
      word,
      'no-name-prefix',
    )?.record;
  const get = (word: string): VolumeRecord => {
    const record = find(word);
    if (record === undefined)
      throw new IgniteError('volumes/not-found', `There is no volume "${word.slice(0, 80)}"`);
    return record;
  };
  return {
    list: store.list,
    get,
    create: (request, signal) => queue(() => createVolume(input, request, signal)),
    grow: (uid, bytes) => queue(() => growVolume(store, get(uid), bytes)),
    remove: (uid, isUsed) => queue(() => removeVolume(store, get(uid), holds, isUsed)),
    hold: holds.hold,
    path: store.diskPath,
    allocated: async (uid) => {
      const facts = await stat(store.diskPath(uid)).catch(() => undefined);
      return facts === undefined ? 0 : facts.blocks * 512;
    },
  };
}

async function createVolume(
  { store, clock }: VolumesInput,
  request: NewVolume,
  signal: AbortSignal,
): Promise<VolumeRecord> {
  const name = request.name ?? freeName(store);
  if (!isVolumeName(name))
    throw new IgniteError('volumes/invalid-name', `"${name.slice(0, 80)}" cannot be a volume's name`);
  const wanted = request.bytes === undefined ? undefined : volumeSize(request.bytes);
  const known = store.list().find((record) => record.metadata.name === name);
  if (known !== undefined) return sameVolume(known, wanted);
  const uid = generateUid(randomBytes);
  const record: VolumeRecord = {
    format: VOLUME_RECORD_FORMAT,
    kind: 'Volume',
    metadata: {
      name,
      uid,
      created: clock.now().toISOString(),
      ...(request.labels === undefined ? {} : { labels: { ...request.labels } }),
    },
    spec: { size: wanted ?? DEFAULTS.volumeBytes },
    bound: { uuid: randomUUID() },
  };
  try {
    return await commit(store, record, signal);
  } catch (error) {
    await store.remove(uid, newOperation());
    throw error;
  }
}

/** Everything is claimed before it is made; the record is written last: before it there is no volume. */
async function commit(store: VolumeStore, record: VolumeRecord, signal: AbortSignal): Promise<VolumeRecord> {
  const { uid, name, created } = record.metadata;
  await store.makeFolder(uid);
  const journal = await store.journal(uid);
  await journal.begin({ op: newOperation(), verb: 'create', generation: GENERATION });
  const claim = { kind: 'volume', name: `volumes/${uid}/${FILE_CLAIM}` } as const;
  await journal.claim(claim);
  const epochSeconds = Math.floor(Date.parse(created) / 1000);
  const file = { path: store.diskPath(uid), name, uuid: record.bound.uuid, bytes: record.spec.size };
  await formatVolume({ ...file, epochSeconds }, signal);
  await journal.made(claim);
  signal.throwIfAborted();
  await store.put(record);
  await journal.done();
  return record;
}

/** Docker's habit: making a volume that is there is no error. A size that it lacks is one. */
function sameVolume(known: VolumeRecord, wanted: number | undefined): VolumeRecord {
  if (wanted === undefined || wanted <= known.spec.size) return known;
  throw new IgniteError(
    'volumes/name-taken',
    `The volume ${known.metadata.name} is there with ${displaySize(known.spec.size)}, not ${displaySize(wanted)}`,
  );
}

function freeName(store: VolumeStore): string {
  const taken = new Set(store.list().map((record) => record.metadata.name));
  const name = generateName(randomBytes);
  return taken.has(name) ? `${name}-${randomBytes(3).toString('hex')}` : name;
}

/** The record first: the next start finishes what was cut short. */
async function growVolume(store: VolumeStore, record: VolumeRecord, bytes: number): Promise<VolumeRecord> {
  const size = volumeSize(bytes);
  if (size < record.spec.size)
    throw new IgniteError(
      'volumes/shrink',
      `The volume ${record.metadata.name} has ${displaySize(record.spec.size)} and cannot become ${displaySize(size)}`,
    );
  const grown = { ...record, spec: { size } };
  if (size !== record.spec.size) await store.put(grown);
  await fitFile(store, grown);
  return grown;
}

async function fitFile(store: VolumeStore, { metadata, spec }: VolumeRecord): Promise<void> {
  const path = store.diskPath(metadata.uid);
  try {
    if ((await stat(path)).size < spec.size) await truncate(path, spec.size);
  } catch (error) {
    throw diskFailure(error, path, new AbortController().signal);
  }
}

async function removeVolume(
  store: VolumeStore,
  { metadata }: VolumeRecord,
  holds: Holds,
  isUsed: (uid: string) => boolean,
): Promise<void> {
  const { uid, name } = metadata;
  if (holds.has(name))
    throw new IgniteError('volumes/in-use', `A VM that uses the volume ${name} is being made`);
  if (isUsed(uid)) throw new IgniteError('volumes/in-use', `The volume ${name} is in use by a VM`);
  await store.remove(uid, newOperation());
}

/** A volume whose record was never written is undone; one that was growing has its size. */
async function recover({ store, complain }: VolumesInput): Promise<void> {
  for (const { path, problem } of store.broken()) complain(`The volume in ${path} is broken`, problem);
  for (const folder of store.uncommitted()) {
    try {
      const { problem } = await store.journal(folder);
      if (problem !== undefined) throw problem; // what cannot be read deletes nothing (FORMATS, Journal, 5)
      await store.remove(folder, newOperation());
    } catch (error) {
      if (!isIgniteError(error)) throw error;
      complain(`Could not undo the volume ${folder}`, error);
    }
  }
  for (const record of store.list())
    await fitFile(store, record).catch((error: unknown) =>
      complain(`The volume ${record.metadata.name} has no file of its size`, error),
    );
}

function newOperation(): string {
  return randomBytes(6).toString('hex');
}
