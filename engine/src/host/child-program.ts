// A short program as a child of this process: what needs a process group or its stderr at once, and everything while no
// runner serves.
import { type ChildProcess, spawn } from 'node:child_process';
import { hasStreams } from './has-streams.ts';
import { type End, keepFirst, type Program } from './program.ts';

/** As RunOptions has them. */
interface ChildOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly input?: string | Uint8Array | undefined;
  readonly maxOutputBytes: number;
  readonly withChildren: boolean;
  readonly onStderr?: ((text: string) => void) | undefined;
}

/** Starts it. */
export function startChild(argv: readonly [string, ...string[]], options: ChildOptions): Program {
  const { promise, resolve } = Promise.withResolvers<End>();
  const child = spawn(argv[0], argv.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: options.withChildren, // a process group of its own
    env: options.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.once('error', (cause) => resolve({ kind: 'not-started', cause }));
  if (!hasStreams(child)) return { end: promise, kill: () => {} };
  const [stdout, stderr] = [keepFirst(options.maxOutputBytes), keepFirst(options.maxOutputBytes)];
  child.stdout.on('data', (piece: Buffer) => stdout.add(piece));
  child.stderr.on('data', (piece: Buffer) => {
    options.onStderr?.(piece.toString('utf8'));
    stderr.add(piece);
  });
  child.once('close', (code, signal) =>
    resolve({ kind: 'ended', code, signal, stdout: stdout.bytes(), stderr: stderr.bytes() }),
  );
  child.stdin.on('error', () => {}); // the program may end before it has read all of it; its exit code decides
  child.stdin.end(options.input);
  return {
    end: promise,
    kill: (signal) => {
      if (!options.withChildren) child.kill(signal);
      else killGroup(child, signal);
      // What left the group may still hold the other ends.
      if (options.withChildren && signal === 'SIGKILL')
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
    },
  };
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // all of them have ended
  }
}
