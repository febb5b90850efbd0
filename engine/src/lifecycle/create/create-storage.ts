// What a new VM's storage needs before there is a VM: host paths that may be named, devices that are there, volumes
// made where they are missing (Docker's habit).
import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { type BoundDrive, type BoundFolder, IgniteError, type VmSpec } from '@ignite/api';
import type { Volumes } from '../../disks/index.ts';
import { isBlank, lookAtDevice } from '../../host/index.ts';
import { bindDrives, isVolumeUsed } from '../drives.ts';
import { bindFolders, findFolder, requireFolderProgram } from '../folders.ts';
import type { LiveVm } from '../live-vm.ts';

interface StorageInput {
  readonly spec: VmSpec;
  readonly volumes: Volumes;
  /** Paths that the caller may open and named himself (DESIGN D9). */
  readonly typed: readonly string[];
  /** Folders of the Configuration below which objects may name paths. */
  readonly allowed: readonly string[];
  /** Folders that the VM has already: their paths lead where they led. */
  readonly known?: readonly BoundFolder[] | undefined;
  /** All VMs: what one of them has is not taken back. */
  readonly vms: () => readonly Pick<LiveVm, 'record'>[];
  readonly signal: AbortSignal;
}

/** Volumes of a VM that is being made; disposing lets them be removed again. */
export interface MadeStorage extends Disposable {
  readonly drives: readonly BoundDrive[];
  readonly folders: readonly BoundFolder[];
  /** Removes what was made for this VM alone; for a creation that failed. */
  undo(): Promise<void>;
}

/** @throws IgniteError `volumes/path-not-allowed`, `volumes/device-…`, and those of making a volume */
export async function makeStorage(input: StorageInput): Promise<MadeStorage> {
  const { spec, volumes, signal } = input;
  const sources = spec.storage?.volumes ?? [];
  for (const { blockDevice } of sources)
    if (blockDevice !== undefined) await checkDevice(blockDevice.path, input);
  const reals = new Map<string, string>();
  for (const { hostFolder } of sources)
    if (hostFolder !== undefined) reals.set(hostFolder.path, await checkFolder(hostFolder.path, input));
  using held = new DisposableStack();
  const uids = new Map<string, string>();
  const fresh: string[] = [];
  const undo = async () => {
    // One that another VM took meanwhile is refused, and stays.
    for (const uid of fresh)
      await volumes.remove(uid, (one) => isVolumeUsed(one, input.vms())).catch(() => {});
  };
  try {
    for (const { volume } of sources) {
      if (volume === undefined) continue;
      held.use(volumes.hold(volume.name));
      const known = volumes.list().some((record) => record.metadata.name === volume.name);
      const { metadata } = await volumes.create({ name: volume.name }, signal);
      if (!known) fresh.push(metadata.uid);
      uids.set(volume.name, metadata.uid);
    }
  } catch (error) {
    held.dispose();
    await undo();
    throw error;
  }
  const holds = held.move();
  return {
    drives: bindDrives(spec, uids),
    folders: bindFolders(spec, reals),
    undo: async () => {
      holds.dispose();
      await undo();
    },
    [Symbol.dispose]: () => holds.dispose(),
  };
}

async function checkDevice(path: string, input: StorageInput): Promise<void> {
  await checkPath(path, input);
  const facts = await lookAtDevice(path);
  if (facts === undefined)
    throw new IgniteError('volumes/device-missing', `${path} is no block device`, { stage: 'volumes' });
  if (await isBlank(path))
    throw new IgniteError('volumes/device-empty', `There is no file system on ${path}`, { stage: 'volumes' });
}

/** @returns where it leads */
async function checkFolder(path: string, input: StorageInput): Promise<string> {
  const real = input.known?.find((folder) => folder.path === path)?.real ?? (await checkPath(path, input));
  await requireFolderProgram();
  return await findFolder({ path, real });
}

/**
 * A path in a manifest was not typed by a user of this host, and the daemon may open everything: only below named folders.
 * @returns where it leads
 */
async function checkPath(path: string, { typed, allowed }: StorageInput): Promise<string> {
  const real = await realpath(path).catch(() => path);
  if (typed.includes(path)) return real;
  const roots = await Promise.all(allowed.map((root) => realpath(root).catch(() => root)));
  if (roots.some((root) => real === root || real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)))
    return real;
  throw new IgniteError('volumes/path-not-allowed', `An object may not name the host path ${path}`, {
    stage: 'volumes',
    details: { path },
  });
}

/** What of it goes into `bound`. */
export function boundStorage({ drives, folders }: Pick<MadeStorage, 'drives' | 'folders'>) {
  return {
    ...(drives.length === 0 ? {} : { drives: [...drives] }),
    ...(folders.length === 0 ? {} : { folders: [...folders] }),
  };
}
