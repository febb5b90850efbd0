// The real agent (native/init) as a process of this host, and a pipe to it that is lent like the supervisor's: one
// client, the newest wins, nothing is told to the agent when a client goes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { makeInTurn } from '../supervisor/world.ts';

export interface AgentProcess extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Lends the pipe to a new client; the older one is closed. */
  lend(): Duplex;
}

const PROGRAM = new URL('../../../build/native/init-agent-host', import.meta.url).pathname;

/** Builds and starts the agent; what is sent to its main process's input is copied to `inputCopy`. */
export function startAgent(inputCopy: string): AgentProcess {
  makeInTurn('native/init', PROGRAM.replace(/.*\/build/, '../../build'));
  // With the kernel's own limit, which a guest's first process has.
  const script = 'ulimit -Sn 1024; exec "$0" "$@"';
  const child = spawn('sh', ['-c', script, PROGRAM, '3', inputCopy], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  const socket = child.stdio[3];
  if (!(socket instanceof Duplex)) throw new Error('The agent has no pipe');
  socket.on('error', () => {});
  let current: Duplex | undefined;
  socket.on('data', (piece: Buffer) => {
    if (current !== undefined && !current.destroyed && !current.push(piece)) socket.pause();
  });
  return {
    process: child,
    lend() {
      current?.destroy();
      socket.resume();
      const client: Duplex = new Duplex({
        read: () => socket.resume(),
        write: (chunk: Buffer, _encoding, done) => {
          if (client === current) socket.write(chunk, () => done());
          else done();
        },
        destroy: (error, done) => {
          socket.resume();
          done(error);
        },
      });
      current = client;
      return client;
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      socket.destroy();
      await ended;
    },
  };
}
