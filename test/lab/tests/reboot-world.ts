// What the tests of the three boots share: the VMs, and what of them must stay the same.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ignite, igniteOk } from './ignite.ts';

export const IMAGE = 'lab:1';
export const FACTS = '/lab-facts.json';
export const PORT = 8080;
/** Restart policy of each VM; `held` is stopped by hand. */
export const VMS = {
  keeper: 'always',
  steady: 'unless-stopped',
  held: 'unless-stopped',
  once: 'no',
} as const;

const PATIENCE_MS = 240_000;
const run = promisify(execFile);

/** The output of a program of the host. @throws where it fails */
export async function host(...argv: readonly [string, ...string[]]): Promise<string> {
  const [program, ...words] = argv;
  return (await run(program, words, { timeout: PATIENCE_MS })).stdout.trim();
}

export interface Look {
  readonly state: string;
  readonly detail?: string;
  readonly endedBy?: string;
  /** What has to survive a reboot. */
  readonly kept: unknown;
}

/** One VM as `inspect` shows it. */
export async function look(name: string): Promise<Look> {
  const [vm] = JSON.parse(await igniteOk(['inspect', name]));
  const { metadata, spec, bound, status } = vm;
  const { nics, disk, slot } = bound;
  const kept = { metadata, volumes: spec.storage, ports: spec.network.ports, nics, disk, slot };
  return { state: status.state, detail: status.detail, endedBy: status.endedBy, kept };
}

/** Looks again until it is so. @throws with what was seen last */
export async function eventually<T>(see: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await see();
    if (isSo(seen)) return seen;
    if (performance.now() > until) throw new Error(`It never came: ${JSON.stringify(seen)}`);
    await delay(500);
  }
}

/** Waits for a daemon that is being started. */
export async function untilAnswers(): Promise<void> {
  await eventually(
    () => ignite(['ps']),
    ({ code }) => code === 0,
  );
}

/** What the guest of `keeper` serves from its volume on the published port. */
export async function servedPage(): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${PORT}/`, { signal: AbortSignal.timeout(20_000) });
    return (await answer.text()).trim();
  } catch (error) {
    return String(error);
  }
}

/** Host pids of VMMs. */
export async function vmms(): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => names[index]?.startsWith('qemu-system') === true).map(Number);
}
