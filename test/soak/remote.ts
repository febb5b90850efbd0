// A daemon of the soak test as seen from outside: orders go in, answers come out, and it can be killed at any moment.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Order } from './orders.ts';

type Answer = Readonly<Record<string, unknown>> & { readonly id: number; readonly error?: string };

export interface Remote {
  /** The answer; undefined where the daemon died before it answered, or refused. */
  ask(verb: Order['verb'], name?: string): Promise<Answer | undefined>;
  /** SIGKILL; settles when it is dead. */
  kill(): Promise<void>;
  /** Ends it well. */
  end(): Promise<void>;
}

/** Node's words in bin/ignited. */
const AS_IGNITED = ['--max-semi-space-size=2', '--expose-gc'];

/** Starts a daemon on a folder. */
export function startRemote(root: string): Remote {
  const argv = [...AS_IGNITED, join(import.meta.dirname, 'daemon.ts'), root];
  const child: ChildProcess = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('The daemon has no pipes');
  const waiting = new Map<number, (answer: Answer | undefined) => void>();
  const ended = once(child, 'exit').then(() => {
    for (const answer of waiting.values()) answer(undefined);
    waiting.clear();
  });
  let newest = 0;
  stdin.on('error', () => {}); // it may be dead already
  createInterface({ input: stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    waiting.get(answer.id)?.(answer.error === undefined ? answer : undefined);
    waiting.delete(answer.id);
  });
  return {
    ask: (verb, name = '') => {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(undefined);
      const id = ++newest;
      const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
      waiting.set(id, resolve);
      stdin.write(`${JSON.stringify({ id, verb, name } satisfies Order)}\n`);
      return promise;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    end: async () => {
      stdin.end();
      await ended;
    },
  };
}
