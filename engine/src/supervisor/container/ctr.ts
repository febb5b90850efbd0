// containerd by its own program ctr, whose words are `ctr(8)`'s: one call, a deadline, and the errors of this room.
import { IgniteError, isIgniteError } from '@ignite/api';
import type { Commands } from '../../host/index.ts';

export interface Ctr {
  /** Runs it in our namespace; returns stdout. @throws IgniteError `supervisor/no-runtime`, `supervisor/runtime-refused` */
  run(words: readonly string[], options: CtrOptions): Promise<string>;
  /** The same where it is no error that containerd does not know what is named. */
  runIfThere(words: readonly string[], options: CtrOptions): Promise<string | undefined>;
}

interface CtrOptions {
  readonly signal: AbortSignal;
  readonly input?: Uint8Array;
  readonly timeoutMs?: number;
}

/** The original's namespace (RT-02). */
export const NAMESPACE = 'firecracker';
const DEADLINE_MS = 60_000;

/** @param socket finds the path of containerd's socket */
export function ctr(commands: Commands, socket: () => Promise<string>): Ctr {
  const run: Ctr['run'] = async (words, { signal, input, timeoutMs = DEADLINE_MS }) => {
    const argv = ['ctr', '--address', await socket(), '--namespace', NAMESPACE, ...words] as const;
    try {
      return (await commands.run(argv, { signal, timeoutMs, ...(input === undefined ? {} : { input }) }))
        .stdout;
    } catch (error) {
      throw explain(error);
    }
  };
  return {
    run,
    runIfThere: async (words, options) => {
      try {
        return await run(words, options);
      } catch (error) {
        if (isIgniteError(error, 'supervisor/runtime-refused') && /not found/.test(error.message))
          return undefined;
        throw error;
      }
    },
  };
}

function explain(error: unknown): unknown {
  if (isIgniteError(error, 'host/program-missing'))
    return new IgniteError('supervisor/no-runtime', 'containerd’s program ctr is not installed', {
      cause: error,
    });
  if (isIgniteError(error, 'host/deadline'))
    return new IgniteError('supervisor/no-runtime', 'containerd did not answer in time', { cause: error });
  if (!isIgniteError(error, 'host/command-failed')) return error;
  const said =
    String(error.details['stderr'] ?? '')
      .trim()
      .split('\n')
      .at(-1) ?? '';
  if (/failed to dial|connection refused|\.sock: connect|error while dialing|permission denied/i.test(said))
    return new IgniteError('supervisor/no-runtime', `containerd does not answer: ${said}`, { cause: error });
  return new IgniteError('supervisor/runtime-refused', `containerd refuses: ${said}`, { cause: error });
}
