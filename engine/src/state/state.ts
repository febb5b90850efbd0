// Opening a state directory: format first, then the lock, then everything in it.
import { readdir } from 'node:fs/promises';
import { isIgniteError } from '@ignite/api/errors';
import { type Clock, hostClock, makeFolder, namesIn, readBootId } from '../host/index.ts';
import { aloneOnHost } from './alone-on-host.ts';
import { openEvents } from './events.ts';
import { runFile, stateFile } from './files.ts';
import { newInstance, readFormat, type StateFormat, writeFormat } from './format.ts';
import { openSlotJournal } from './journal.ts';
import { lockState } from './lock.ts';
import { sweepNetworks } from './network-files.ts';
import { type OrdinalRegistry, ordinalRegistry } from './ordinals.ts';
import { sweepOutgrown } from './outgrown.ts';
import type { FaultPoints, HostEngines, OrphanSlot, State } from './port.ts';
import { createSlots } from './slots.ts';
import { guarded } from './state-errors.ts';
import { createUploads } from './uploads.ts';
import { deleteFolder, sweepTrash, trashOf } from './trash.ts';
import { openVmStore } from './vm-store.ts';
import { openVolumeStore } from './volume-store.ts';

interface StateOptions {
  /** Absolute path: `/var/lib/ignite`. */
  readonly root: string;
  /** Absolute path: `/run/ignite`. */
  readonly runRoot: string;
  /** Who writes, for people: `ignite 1.0.0`. */
  readonly writer: string;
  /** Folder where the engines of this host keep apart, `/run/ignite-engines`; absent: an ordinary user's engine. */
  readonly engines?: string;
  /** Whether something on the host carries an ordinal. */
  readonly ordinalShows?: (ordinal: number) => Promise<boolean>;
  readonly clock?: Clock;
  readonly bootId?: string;
  /** For tests of faults. */
  readonly points?: FaultPoints | undefined;
}

/**
 * Opens a state directory and owns it until it is disposed; a new one is made.
 * @throws IgniteError `state/newer-format` before anything is touched, `state/locked`,
 *   `state/not-a-state-directory`, and those of the file system
 */
export async function openState(options: StateOptions): Promise<State> {
  const { root, runRoot, clock = hostClock(), bootId = readBootId() } = options;
  await readFormat(root);
  await guarded('make', root, () => makeFolder(root));
  await guarded('make', runRoot, () => makeFolder(runRoot));
  using owned = new DisposableStack();
  owned.use(lockState(stateFile(root, 'lock', {})));
  const ordinals =
    options.engines === undefined ? undefined : ordinalRegistry(options.engines, options.ordinalShows);
  const own = () => ownFormat(options, ordinals);
  const format = options.engines === undefined ? await own() : await aloneOnHost(options.engines, own);
  await sweepTrash(root);
  await sweepOutgrown(root);
  await sweepNetworks(root);
  const slots = createSlots(await runSlots(runRoot));
  const vms = await openVmStore({ root, runRoot, bootId, clock, slots, points: options.points });
  const volumes = await openVolumeStore({ root, bootId, clock, points: options.points });
  const events = await openEvents(root, clock);
  const held = owned.move();

  const orphan = async (slot: number): Promise<OrphanSlot> => {
    const bootLived = (number: number) => runFile(runRoot, 'claims', { slot: number });
    const claims = await openSlotJournal(slot, { bootLived, bootId, clock });
    const clear = async () => {
      if (isNamed(slot)) return; // a record was put in its place again
      await deleteFolder(runFile(runRoot, 'slot', { slot }));
      if (!isNamed(slot)) slots.free(slot);
    };
    return { slot, claims, clear };
  };
  const isNamed = (slot: number) => vms.list().some(({ bound }) => bound.slot === slot);

  return {
    root,
    runRoot,
    instance: format.instance,
    ordinal: format.ordinal,
    bootId,
    vms,
    volumes,
    slots,
    events,
    uploads: createUploads(root),
    trash: trashOf(root),
    ...(options.engines === undefined || ordinals === undefined
      ? {}
      : { engines: hostEngines(options.engines, ordinals, format.instance) }),
    orphanSlots: async () => {
      const folders = await runSlots(runRoot); // before the records: a VM has its record before its run folder
      const broken = vms.broken().map((one) => one.slot);
      if (broken.includes(undefined)) return [];
      const named = new Set([...vms.list().map((record) => record.bound.slot), ...broken]);
      const stray = folders.filter((slot) => !named.has(slot));
      return Promise.all(stray.map(orphan));
    },
    [Symbol.asyncDispose]: async () => {
      await events.flush();
      if (vms.list().length === 0 && vms.broken().length === 0) await ordinals?.release(format.ordinal);
      held.dispose();
    },
  };
}

function hostEngines(folder: string, { holders }: OrdinalRegistry, instance: string): HostEngines {
  return {
    alone: (work) => aloneOnHost(folder, work),
    others: async () =>
      (await holders()).filter((one) => one.instance !== instance).map((one) => one.stateDirectory),
  };
}

/** What the directory says of itself; a new one gets an instance id and a free ordinal. */
async function ownFormat(options: StateOptions, ordinals: OrdinalRegistry | undefined): Promise<StateFormat> {
  const { root: stateDirectory, writer } = options;
  const known = await readFormat(stateDirectory);
  if (known !== undefined) return takeBack(known, options, ordinals);
  const instance = newInstance();
  const ordinal = (await ordinals?.takeFree({ instance, stateDirectory })) ?? 0;
  return writeFormat(stateDirectory, { writer, ordinal, instance });
}

/** The ordinal of before; another one where somebody took it while nothing on the host carried it: without VMs. */
async function takeBack(
  known: StateFormat,
  { root: stateDirectory, writer }: StateOptions,
  ordinals: OrdinalRegistry | undefined,
): Promise<StateFormat> {
  const { instance } = known;
  const holder = { instance, stateDirectory };
  try {
    await ordinals?.takeBack(known.ordinal, holder);
    return known;
  } catch (error) {
    if (ordinals === undefined || !isIgniteError(error, 'state/ordinal-taken')) throw error;
    if (await hasVms(stateDirectory)) throw error;
    return writeFormat(stateDirectory, { writer, instance, ordinal: await ordinals.takeFree(holder) });
  }
}

async function hasVms(root: string): Promise<boolean> {
  return (await namesIn(stateFile(root, 'vms', {}))).length > 0;
}

/** Slots that have a folder below the run directory. */
async function runSlots(runRoot: string): Promise<number[]> {
  const names = await guarded('read', runRoot, () => readdir(runRoot));
  return names.filter((name) => /^[0-9]{1,4}$/.test(name)).map(Number);
}
