// The workers of one room: how they are started, how many run at once, and the folders they may write to.
import { chown, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Commands, type NetworkCut, probeNetworkCut } from '../host/index.ts';
import { createLimiter } from '../work/index.ts';
import type { WorkerUser } from './messages.ts';
import { type Answer, type Run, runWorker } from './run.ts';

interface WorkersOptions {
  /** Entry module, where the program is bundled. */
  readonly module?: string;
  /** Identity of the workers; needed as root, without effect otherwise. */
  readonly user: WorkerUser;
  /** Private memory of each beyond the program itself, bytes. */
  readonly memoryBytes: number;
  readonly atOnce: number;
  readonly commands: Commands;
}

export interface Workers {
  /** Runs one job when there is a place. @throws IgniteError what the worker reports; `images/worker-died`; `host/cancelled` */
  run(run: Run): Promise<Answer>;
  /** Makes a folder that a worker can write to. */
  makeFolder(path: string): Promise<void>;
}

/** A busy host may stand still for a while. */
const PROBE_TIMEOUT_MS = 60_000;

/** Workers that drop to `user` where we are root. */
export function createWorkers(options: WorkersOptions): Workers {
  const limiter = createLimiter(options.atOnce);
  const user = process.getuid?.() === 0 ? options.user : undefined;
  let cut: Promise<NetworkCut> | undefined;
  const settings = {
    module: options.module ?? fileURLToPath(new URL('./main.ts', import.meta.url)),
    user,
    memoryBytes: options.memoryBytes,
    cut: () => {
      cut ??= probeNetworkCut(options.commands, AbortSignal.timeout(PROBE_TIMEOUT_MS)).catch(
        (error: unknown) => {
          cut = undefined; // the next job asks again
          throw error;
        },
      );
      return cut;
    },
  };
  return {
    run: async (run) => {
      using _ = await limiter.enter(run.signal);
      return await runWorker(settings, run);
    },
    async makeFolder(path) {
      await mkdir(path, { mode: 0o700 });
      if (user !== undefined) await chown(path, user.uid, user.gid);
    },
  };
}
