// The disks room: a VM's disk from an immutable base, made whole or not at all.
import { rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { type Commands, syncDirectory } from '../host/index.ts';
import { diskFailure } from './disk-errors.ts';
import { type Made, makeDisk } from './make-disk.ts';
import { requireOwnQcow2 } from './own-qcow2.ts';
import type { Disk, DiskFormat, Disks } from './port.ts';
import { createSnapshots, requireDeviceMapper, storeBytes } from './snapshots/index.ts';

/** Disk sizes are whole pages: what QEMU and Firecracker take without rounding down. */
const SIZE_UNIT = 4096;

interface DisksInput {
  /** Runs qemu-img, which a qcow2 disk needs to grow, and dmsetup. */
  readonly commands: Commands;
  /** New disks are snapshots of device-mapper. */
  readonly deviceMapper?: boolean;
}

/** The disks of one host. */
export function createDisks(ports: DisksInput): Disks {
  const { commands, deviceMapper = false } = ports;
  return {
    snapshots: createSnapshots(commands),
    create: (input, signal) => createDisk(input, signal, deviceMapper && input.formats.includes('raw')),
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

async function createDisk(
  input: Parameters<Disks['create']>[0],
  signal: AbortSignal,
  deviceMapper: boolean,
): Promise<Disk> {
  const base = await statBase(input.base);
  const bytes = roundUp(Math.max(input.bytes, base));
  const temporary = join(input.directory, `disk${input.index}.tmp`);
  try {
    signal.throwIfAborted();
    await rm(temporary, { force: true }); // what a crash may have left
    const wanted = { base: input.base, target: temporary, bytes, formats: input.formats };
    const made = deviceMapper ? await makeStore(temporary, bytes) : await makeDisk(wanted, signal);
    const name = deviceMapper ? storeFileName(input.index) : diskFileName(input.index, made.format);
    const path = join(input.directory, name);
    await rename(temporary, path);
    await syncDirectory(input.directory);
    return { path, bytes, ...made };
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskFailure(error, join(input.directory, `disk${input.index}`), signal);
  }
}

/** An empty store of a snapshot; the device over it is made at each start of the VM. */
async function makeStore(target: string, bytes: number): Promise<Made> {
  await requireDeviceMapper();
  await writeFile(target, '', { flag: 'wx', mode: 0o600 });
  await truncate(target, storeBytes(bytes));
  return { format: 'raw', means: 'device-mapper' };
}

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
    await requireOwnQcow2(disk.path, disk.backing);
    await commands.run(['qemu-img', 'resize', '-q', '-f', 'qcow2', disk.path, String(wanted)], { signal });
  } else {
    const size = disk.means === 'device-mapper' ? storeBytes(wanted) : wanted;
    await truncate(disk.path, size).catch((error: unknown) => {
      throw diskFailure(error, disk.path, signal);
    });
  }
  await syncDirectory(dirname(disk.path));
  return { ...disk, bytes: wanted };
}

/** Of what differs from the base, for a disk by device-mapper. */
function storeFileName(index: number): string {
  return `disk${index}.cow`;
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / SIZE_UNIT) * SIZE_UNIT;
}
