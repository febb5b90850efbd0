// Runs a builder with the caller's rights and environment; everything it prints goes to stderr, where people look.
import { type ChildProcess, spawn } from 'node:child_process';
import { IgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';

/** Runs a program to its end. @throws IgniteError `cli/build-failed`, `cli/program-missing`, `cli/interrupted` */
export async function runProgram({ host, signal }: CommandContext, argv: readonly string[]): Promise<void> {
  const [program = '', ...args] = argv;
  // A terminal is handed on as it is: builders draw there.
  const out = host.stderr.isTTY === true && host.stderr === process.stderr ? 2 : 'pipe';
  const child = spawn(program, args, {
    cwd: host.cwd,
    env: { ...host.env },
    stdio: ['ignore', out, out],
    signal,
  });
  for (const stream of [child.stdout, child.stderr]) stream?.pipe(host.stderr, { end: false });
  await ended(child, program, signal);
}

function ended(child: ChildProcess, program: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let failed: Error | undefined;
  child.once('error', (cause) => {
    failed = cause;
  });
  child.once('close', (code, killed) => {
    if (signal.aborted) return reject(signal.reason);
    if (failed !== undefined)
      return reject(
        new IgniteError('cli/program-missing', `${program} could not be started`, { cause: failed }),
      );
    if (code === 0) return resolve();
    const how = code === null ? `was ended by ${killed}` : `ended with exit status ${code}`;
    reject(new IgniteError('cli/build-failed', `${program} ${how}`));
  });
  return promise;
}
