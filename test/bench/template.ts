// What a bare launch needs of a VM of ours: the argv that ignite-spawn executes, its initrd, its disk before the first
// start. Network interfaces keep their device and lose their tap, which lies in a namespace.
import { copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { igniteOk } from '../e2e/world/ignite.ts';
import { BARE, type Bench, IMAGE } from './place.ts';

/** Prints before it sleeps: the byte that ends a measurement. */
export const COMMAND = ['sh', '-c', 'echo started; sleep 100000'] as const;

export interface Template {
  readonly program: string;
  /** Arguments with the paths of `disk` and `initrd` in them. */
  readonly args: readonly string[];
  /** A fresh disk; a guest writes to it, so each launch gets a copy at `disk`. */
  readonly freshDisk: string;
  readonly disk: string;
}

/** Creates a VM, copies its files, starts it for its launch file and initrd, and removes it. */
export async function takeTemplate({ place, client }: Bench): Promise<Template> {
  const { metadata, bound } = await client.createVm({
    spec: { image: { oci: IMAGE }, command: [...COMMAND] },
  });
  const paths = {
    disk: join(place.state, 'vms', metadata.uid, bound?.disk?.path ?? 'disk0.qcow2'),
    run: join(place.run, String(bound?.slot)),
  };
  const freshDisk = join(place.scratch, 'fresh-disk');
  const disk = join(place.scratch, `${BARE}${basename(paths.disk)}`);
  const initrd = join(place.scratch, `${BARE}initrd`);
  await copyFile(paths.disk, freshDisk);
  await client.startVm(metadata.uid);
  await copyFile(join(paths.run, 'initrd'), initrd);
  const words = argvOf(await readFile(join(paths.run, 'spawn.launch'), 'utf8'));
  await igniteOk(['rm', '-f', metadata.uid]);
  const [program = '', ...args] = words.map((word) =>
    word
      .replace(paths.disk, disk)
      .replace(join(paths.run, 'initrd'), initrd)
      .replace(/^tap,id=(nic\d+),fd=\d+$/, 'hubport,id=$1,hubid=0'),
  );
  return { program, args, freshDisk, disk };
}

/** The `arg` records of a launch file (native/spawn/launch.c). */
function argvOf(launch: string): readonly string[] {
  return launch
    .split('\0')
    .filter((record) => record.startsWith('arg='))
    .map((record) => record.slice('arg='.length));
}
