// Disks: how long a VM's disk takes to make from a base of 2 GB, by file system and by what the VMM can read. Needs no VM;
// as root with loop devices also xfs and btrfs, each in a file of its own.
import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDisks, type DiskFormat } from '../../engine/src/disks/index.ts';
import { hostCommands } from '../../engine/src/host/index.ts';
import type { Bench } from './place.ts';
import { timed } from './rounds.ts';
import { median, ms, print } from './table.ts';

const BASE_BYTES = 2 * 1000 ** 3;
const PIECE = 4 << 20;
const FILE_SYSTEM_BYTES = 8 * 2 ** 30;
const MOST_ROUNDS = 5;
const SHARING = [
  ['xfs', ['mkfs.xfs', '-q']],
  ['btrfs', ['mkfs.btrfs', '-q']],
] as const;
const signal = AbortSignal.timeout(3_600_000);
const commands = hostCommands();

/** Prints a table. */
export async function benchDisks(_bench: Bench, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-bench-disks-'));
  const count = Math.min(rounds, MOST_ROUNDS);
  const rows: string[][] = [];
  try {
    const own = (await commands.run(['stat', '-f', '-c', '%T', folder])).stdout.trim();
    rows.push(...(await measure(`the state directory's (${own})`, folder, count)));
    for (const [name, make] of SHARING)
      rows.push(...(await withFileSystem(folder, name, make, (point) => measure(name, point, count))));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  print(
    `A disk from a base of 2 GB without a hole, ${count} rounds, medians`,
    ['file system', 'VMM reads', 'means', 'time'],
    rows,
  );
}

async function measure(name: string, folder: string, rounds: number): Promise<string[][]> {
  const base = join(folder, 'base.ext4');
  await writeBase(base);
  const disks = createDisks({ commands });
  const rows: string[][] = [];
  for (const formats of [['raw', 'qcow2'], ['raw']] satisfies DiskFormat[][]) {
    const times: number[] = [];
    let means = '';
    for (let round = 0; round < rounds; round += 1)
      times.push(
        await timed(async () => {
          const made = await disks.create({ base, directory: folder, index: 0, bytes: 4e9, formats }, signal);
          means = made.means;
          await disks.remove(made);
        }),
      );
    rows.push([name, formats.join(', '), means, ms(median(times))]);
  }
  await rm(base);
  return rows;
}

async function writeBase(path: string): Promise<void> {
  await using file = await open(path, 'w');
  const piece = randomFillSync(Buffer.alloc(PIECE));
  for (let at = 0; at < BASE_BYTES; at += PIECE)
    await file.write(piece, 0, Math.min(PIECE, BASE_BYTES - at), at);
  await file.sync();
}

async function withFileSystem(
  folder: string,
  name: string,
  make: readonly [string, ...string[]],
  use: (point: string) => Promise<string[][]>,
): Promise<string[][]> {
  const [image, point] = [join(folder, `${name}.img`), join(folder, name)];
  await mkdir(point);
  await using file = await open(image, 'w');
  await file.truncate(FILE_SYSTEM_BYTES);
  try {
    await commands.run([...make, image]);
    await commands.run(['mount', '-t', name, '-o', 'loop', image, point]);
  } catch {
    return [[name, '', 'cannot be mounted here', '']];
  }
  try {
    return await use(point);
  } finally {
    await commands.run(['umount', point]);
    await rm(image);
  }
}
