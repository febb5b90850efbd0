// Lowers this process's own resource limits, which it can never raise again (getrlimit(2)).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { IgniteError } from '@ignite/api';
import { HOST_PATH } from './host-path.ts';

export interface Bounds {
  /** Private memory beyond what the process has now, bytes (RLIMIT_DATA counts heap, buffers and native memory). */
  readonly memoryBytes: number;
  /** Size of each file it writes, bytes. */
  readonly fileBytes: number;
  /** Open files. */
  readonly files: number;
}

const TIMEOUT_MS = 30_000;
/** prlimit's names, and those of proc_pid_limits(5). */
const NAMES = {
  core: 'Max core file size',
  nproc: 'Max processes',
  data: 'Max data size',
  fsize: 'Max file size',
  nofile: 'Max open files',
} as const;

/**
 * Bounds this process for good: its memory, the size of its files, how many are open; it leaves no core, and once it has
 * an ordinary identity it starts no further process and no thread. Root is bound by that number only after it has
 * given its identity up.
 * @throws IgniteError `host/program-missing`, `host/command-failed`: then it is bounded by nothing
 */
export async function limitSelf({ memoryBytes, fileBytes, files }: Bounds): Promise<void> {
  await access('/'); // starts the threads of Node's pool: later there would be none
  const limits = { core: 0, nproc: 0, data: privateBytes() + memoryBytes, fsize: fileBytes, nofile: files };
  const given = readFileSync('/proc/self/limits', 'utf8');
  const words = (['core', 'nproc', 'data', 'fsize', 'nofile'] as const).map((name) => {
    const limit = Math.min(limits[name], hardLimit(given, NAMES[name])); // only root may have more than it was given
    return `--${name}=${limit}:${limit}`;
  });
  const { status, error, stderr } = spawnSync('prlimit', [`--pid=${process.pid}`, ...words], {
    env: { PATH: HOST_PATH, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: TIMEOUT_MS,
    encoding: 'utf8',
  });
  if (status === 0) return;
  if (error !== undefined && 'code' in error && error.code === 'ENOENT')
    throw new IgniteError('host/program-missing', 'prlimit (package util-linux) is not there', {
      cause: error,
      details: { program: 'prlimit' },
    });
  throw new IgniteError('host/command-failed', `prlimit could not bound the process: ${stderr.trim()}`, {
    ...(error === undefined ? {} : { cause: error }),
    details: { exitCode: status ?? -1 },
  });
}

function hardLimit(given: string, name: string): number {
  const hard = new RegExp(`^${name} +\\S+ +(\\d+)`, 'm').exec(given)?.[1];
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard); // the word `unlimited`
}

/** What RLIMIT_DATA counts: VmData of proc_pid_status(5). */
function privateBytes(): number {
  return Number(/^VmData:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
}
