// What a bare launch needs of a VM of ours: the argv that ignite-spawn executes, its initrd, its disk before the first
// start. Its files have their names outside of the jail; its tap, which lies in a namespace, is something else.
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
  /** Files by which a process gets the VM's share of the processors: beside a busy host's other programs it counts. */
  readonly shares: readonly string[];
}

/** Creates a VM, copies its files, starts it for its launch file and initrd, and removes it. */
export async function takeTemplate(bench: Bench): Promise<Template> {
  const vm = await bench.client.createVm({ spec: { image: { oci: IMAGE }, command: [...COMMAND] } });
  const template = await startCopied(bench, vm, 'hubport,id=nic0,hubid=0');
  await igniteOk(['rm', '-f', vm.metadata.uid]);
  return template;
}

type Vm = Awaited<ReturnType<Bench['client']['createVm']>>;

/**
 * Starts a VM that was just made, and keeps what a bare launch of the same guest needs.
 * @param netdev what the bare guest's interface leads to, in QEMU's words
 */
export async function startCopied(
  { place, client }: Bench,
  { metadata: { uid }, bound }: Vm,
  netdev: string,
): Promise<Template> {
  const run = join(place.run, String(bound?.slot));
  const ownDisk = join(place.state, 'vms', uid, bound?.disk?.path ?? 'disk0.qcow2');
  const copy = (name: string) => join(place.scratch, `${BARE}${uid}-${name}`);
  const [freshDisk, disk, initrd] = [copy('fresh'), copy(basename(ownDisk)), copy('initrd')];
  await copyFile(ownDisk, freshDisk);
  await client.startVm(uid);
  await copyFile(join(run, 'initrd'), initrd);
  const launch = recordsOf(await readFile(join(run, 'spawn.launch'), 'utf8'));
  const own = new Map([
    [ownDisk, disk],
    [join(run, 'initrd'), initrd],
  ]);
  const [program = '', ...args] = launch('arg').map((word) =>
    outsideJail(word, launch('bind'), own).replace(/^tap,id=nic0,fd=\d+$/, netdev),
  );
  // A group of version 2 would limit memory as well, for both together.
  const shares = launch('cgroup').filter((path) => /\/cpu(,cpuacct)?\//.test(path));
  return { program, args, freshDisk, disk, shares };
}

/** Puts a copy, or the file that the jail shows under another name, in the place of a file's name in a word. */
function outsideJail(word: string, binds: readonly string[], copies: ReadonlyMap<string, string>): string {
  const [, before = '', path = word, after = ''] = /^(.*filename=)([^,]*)(.*)$/.exec(word) ?? [];
  const source = binds.map((bind) => bind.split(':')).find(([, , target]) => target === path)?.[1] ?? path;
  return `${before}${copies.get(source) ?? source}${after}`;
}

/** The records of a launch file by their name (native/spawn/launch.c). */
function recordsOf(launch: string): (name: string) => readonly string[] {
  const records = launch.split('\0');
  return (name) =>
    records.filter((record) => record.startsWith(`${name}=`)).map((record) => record.slice(name.length + 1));
}
