// The rate of the host's time stamp counter, which emulated guests read as their own. A guest that measures it itself
// does so against emulated timers; on a busy host that went wrong by a factor of six, and the guest's clock with it.
import { readFile } from 'node:fs/promises';
import type { Commands } from '../../host/index.ts';

/** It takes a tenth of a second, or as long as the host stands still. */
const DEADLINE_MS = 60_000;

interface TscInput {
  readonly commands: Commands;
  /** Absolute path of ignite-spawn, which can read the counter. */
  readonly spawn: string;
  /** Content of /proc/cpuinfo. */
  readonly cpuInfo?: () => Promise<string>;
}

/**
 * The rate in kHz, measured once; a measurement that failed is made again for the next guest.
 * @returns undefined where the processor has no counter of a constant rate, or it cannot be measured: then the guest
 * finds out by itself
 */
export function tscRate(input: TscInput): () => Promise<number | undefined> {
  let known: Promise<number | undefined> | undefined;
  return () =>
    (known ??= measure(input).catch(() => {
      known = undefined;
      return undefined;
    }));
}

async function measure({ commands, spawn, cpuInfo = readCpuInfo }: TscInput): Promise<number | undefined> {
  if (!/^flags\s*:.*\bconstant_tsc\b/m.test(await cpuInfo())) return undefined;
  const { stdout } = await commands.run([spawn, '--tsc'], { timeoutMs: DEADLINE_MS });
  const khz = Number(stdout.trim());
  return Number.isSafeInteger(khz) && khz > 0 ? khz : undefined;
}

async function readCpuInfo(): Promise<string> {
  return readFile('/proc/cpuinfo', 'utf8');
}
