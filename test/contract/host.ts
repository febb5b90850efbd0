// What the contract of the drivers needs of the place it runs in: the suite's own host, or the lab, where nothing but Node is.
import { readdir, readFile } from 'node:fs/promises';

export interface ContractEnded {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One VMM under contract. */
export interface ContractHost {
  /** Words for `run` and `create` that choose the VMM. */
  readonly flags: readonly string[];
  /** Words for `run` and `start` that say how long a guest may take; absent: as long as usual. */
  readonly patience?: readonly string[];
  /** A reference of an image with busybox. */
  readonly image: string;
  /** Name of the VMM's process, as in /proc/PID/comm. */
  readonly process: string;
  /** Folder of the VMs' control groups: `ignite-<instance>`. */
  group(): Promise<string>;
  /** Runs `ignite ARGV…`. @param printed called with all of stdout so far, whenever more of it is there */
  ignite(argv: readonly string[], printed?: (stdout: string) => void): Promise<ContractEnded>;
  /** The VMM refuses to pause, by these words. */
  readonly refusesPause?: RegExp;
}

/** Process of the VMM of the VM in a slot. */
export async function vmmOf(
  host: Pick<ContractHost, 'group' | 'process'>,
  slot: number,
): Promise<number | undefined> {
  const place = new RegExp(`/${await host.group()}/${slot}$`, 'm');
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
    if (!place.test(groups)) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (name.trim() === host.process) return Number(pid);
  }
  return undefined;
}

/** Waits until a fact is there. @throws Error after the deadline */
export async function until(what: string, fact: () => Promise<boolean>, deadlineMs = 240_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await fact())) {
    if (performance.now() > end) throw new Error(`Not so in ${deadlineMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
