// The disks room: a VM's disk from an immutable base, made whole or not at all.
import { rename, rm, stat, truncate } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { type Commands, syncDirectory } from '../host/index.ts';
import { diskFailure } from './disk-errors.ts';
import { makeDisk } from './make-disk.ts';
import type { Disk, DiskFormat, Disks } from './port.ts';

/** Disk sizes are whole pages: what QEMU and Firecracker take without rounding down. */
const SIZE_UNIT = 4096;

/** The disks of one host. `commands` runs qemu-img, needed only to grow a qcow2 disk. */
export function createDisks(ports: { readonly commands: Commands }): Disks {
  return {
    create: createDisk,
    grow: (disk, bytes, signal) => growDisk(ports.commands, disk, bytes, signal),
    remove: async (disk) => {
      await rm(disk.path, { force: true });
      await rm(`${disk.path}.tmp`, { force: true });
    },
  };
}

/** File name of a VM's disk, FORMATS: `vms/<uid>/disk<i>.{raw,qcow2}`. */
export function diskFileName(index: number, format: DiskFormat): string {
  return `disk${index}.${format}`;
}

const createDisk: Disks['create'] = async (input, signal) => {
  const base = await statBase(input.base);
  const bytes = roundUp(Math.max(input.bytes, base));
  const temporary = join(input.directory, `disk${input.index}.tmp`);
  try {
    signal.throwIfAborted();
    await rm(temporary, { force: true }); // what a crash may have left
    const made = await makeDisk(
      { base: input.base, target: temporary, bytes, formats: input.formats },
      signal,
    );
    const path = join(input.directory, diskFileName(input.index, made.format));
    await rename(temporary, path);
    await syncDirectory(input.directory);
    return { path, bytes, ...made };
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskFailure(error, join(input.directory, `disk${input.index}`), signal);
  }
};

async function statBase(path: string): Promise<number> {
  if (!isAbsolute(path)) {
    throw new IgniteError('disks/failed', `The base disk ${path} is not an absolute path`, { stage: 'disk' });
  }
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw new IgniteError('disks/base-missing', `The base disk ${path} cannot be read`, {
      cause,
      stage: 'disk',
      details: { path },
    });
  }
}

async function growDisk(commands: Commands, disk: Disk, bytes: number, signal: AbortSignal): Promise<Disk> {
  const wanted = roundUp(bytes);
  if (wanted === disk.bytes) return disk;
  if (wanted < disk.bytes) {
    throw new IgniteError(
      'disks/shrink',
      `The disk ${disk.path} has ${disk.bytes} bytes and cannot become ${bytes}`,
      { details: { path: disk.path, now: disk.bytes, wanted: bytes } },
    );
  }
  if (disk.format === 'qcow2') {
    await commands.run(['qemu-img', 'resize', '-q', '-f', 'qcow2', disk.path, String(wanted)], { signal });
  } else {
    await truncate(disk.path, wanted).catch((error: unknown) => {
      throw diskFailure(error, disk.path, signal);
    });
  }
  await syncDirectory(dirname(disk.path));
  return { ...disk, bytes: wanted };
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / SIZE_UNIT) * SIZE_UNIT;
}
