// Makes and removes devices of device-mapper by dmsetup and losetup. The loop devices below are detached as soon as the
// device holds them, so that they go with it: only the device itself has to be found after a crash.
import { access, stat } from 'node:fs/promises';
import { IgniteError, isIgniteError } from '@ignite/api';
import { type Commands, createQueue } from '../../host/index.ts';
import type { Snapshot, SnapshotFill, Snapshots } from './port.ts';
import { originTable, parseFills, parseHeldLoops, parseNames, snapshotTable } from './tables.ts';

const CONTROL = '/dev/mapper/control';

/** One at a time: a loop device that nothing holds yet would be taken for one that was left. */
export function createSnapshots(commands: Commands): Snapshots {
  const queue = createQueue();
  return {
    path: devicePath,
    map: (snapshot, signal) => queue(() => map(commands, snapshot, signal)),
    unmap: (snapshot, signal) =>
      queue(async () => {
        if (await hasDeviceMapper()) await unmap(commands, snapshot, signal);
      }),
    remove: (name, signal) => queue(() => removeDevices(commands, name, signal)),
    fills: async (prefix, signal) =>
      (await hasDeviceMapper()) ? fills(commands, prefix, signal) : new Map<string, SnapshotFill>(),
  };
}

/** @throws IgniteError `disks/no-device-mapper` */
export async function requireDeviceMapper(): Promise<void> {
  if (await hasDeviceMapper()) return;
  throw new IgniteError('disks/no-device-mapper', `This host has no device-mapper (${CONTROL} is missing)`, {
    stage: 'disk',
  });
}

async function hasDeviceMapper(): Promise<boolean> {
  return access(CONTROL).then(
    () => true,
    () => false,
  );
}

async function map(commands: Commands, snapshot: Snapshot, signal: AbortSignal): Promise<void> {
  await requireDeviceMapper();
  const { name, base, store, bytes } = snapshot;
  const loops: string[] = [];
  try {
    await unmap(commands, snapshot, signal);
    const [below, above] = [
      await loop(commands, base, ['--read-only'], loops, signal),
      await loop(commands, store, [], loops, signal),
    ];
    const origin = originTable(below, (await stat(base)).size, bytes);
    await commands.run(['dmsetup', 'create', originName(name), '--readonly'], { input: origin, signal });
    const table = snapshotTable(devicePath(originName(name)), above, bytes);
    await commands.run(['dmsetup', 'create', name], { input: table, signal });
    await letGo(commands, loops, signal);
  } catch (error) {
    const cleaning = AbortSignal.timeout(CLEAN_MS);
    await unmap(commands, snapshot, cleaning).catch(() => {}); // the first failure is reported; recovery tries again
    throw failure(error, name);
  }
}

const CLEAN_MS = 20_000;

async function loop(
  commands: Commands,
  file: string,
  words: readonly string[],
  made: string[],
  signal: AbortSignal,
): Promise<string> {
  const { stdout } = await commands.run(['losetup', '--find', '--show', ...words, file], { signal });
  made.push(stdout.trim());
  return stdout.trim();
}

/** One that is in use goes with its last user (losetup(8), --detach). */
async function letGo(commands: Commands, loops: readonly string[], signal: AbortSignal): Promise<void> {
  if (loops.length > 0) await commands.run(['losetup', '--detach', ...loops], { signal });
}

async function unmap(
  commands: Commands,
  { name, base, store }: Omit<Snapshot, 'bytes'>,
  signal: AbortSignal,
): Promise<void> {
  await removeDevices(commands, name, signal);
  for (const file of [store, base]) await letGo(commands, await heldLoops(commands, file, signal), signal);
}

/** The snapshot first: it holds the other. `--retry`: who looks at new devices (udev) has it open for a moment. */
async function removeDevices(commands: Commands, name: string, signal: AbortSignal): Promise<void> {
  const there = parseNames((await commands.run(['dmsetup', 'ls'], { signal })).stdout);
  for (const one of [name, originName(name)])
    if (there.has(one)) await commands.run(['dmsetup', 'remove', '--retry', one], { signal });
}

async function heldLoops(commands: Commands, file: string, signal: AbortSignal): Promise<readonly string[]> {
  const words = ['--list', '--noheadings', '--raw', '--output', 'NAME,AUTOCLEAR', '--associated', file];
  return parseHeldLoops((await commands.run(['losetup', ...words], { signal })).stdout);
}

async function fills(commands: Commands, prefix: string, signal: AbortSignal) {
  const { stdout } = await commands.run(['dmsetup', 'status', '--target', 'snapshot'], { signal });
  return parseFills(stdout, prefix);
}

function originName(name: string): string {
  return `${name}-base`;
}

function devicePath(name: string): string {
  return `/dev/mapper/${name}`;
}

function failure(error: unknown, name: string): unknown {
  if (isIgniteError(error, 'host/program-missing'))
    return new IgniteError('disks/no-device-mapper', 'Disks by device-mapper need dmsetup and losetup', {
      cause: error,
      stage: 'disk',
    });
  if (!isIgniteError(error, 'host/command-failed')) return error;
  return new IgniteError('disks/snapshot-failed', `The snapshot ${name} could not be made`, {
    cause: error,
    stage: 'disk',
  });
}
