// The command under test, as a person types it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { VmDocument } from '@ignite/client';
import { IGNITE, registry } from './place.ts';
import { type Ended, type ProgramOptions, runProgram } from './program.ts';

/** Runs `ignite ARGV…`. */
export function ignite(argv: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  return runProgram([IGNITE, ...argv], options);
}

/** The same where success is expected; returns stdout without the last newline. */
export async function igniteOk(argv: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await ignite(argv, options);
  assert.equal(code, 0, `ignite ${argv.join(' ')}: exit ${code}\n${stderr}`);
  return stdout.replace(/\n$/, '');
}

/** A reference in the run's registry. */
export function image(name: string): string {
  return `${registry()}/${name}:1`;
}

/** Where to say what is done afterwards: a test's context, or `{ after }` of node:test inside a suite. */
export interface Hooks {
  after(what: () => Promise<void>): void;
}

/** A name for a VM that no other test has; the VM is removed afterwards. */
export function vmName(hooks: Hooks, word: string): string {
  const name = `${word}-${randomBytes(3).toString('hex')}`;
  hooks.after(async () => void (await ignite(['rm', '-f', name])));
  return name;
}

/** What a VM of these does: nothing, until it is told to end. */
export const SLEEP = 'trap "exit 0" TERM; sleep 100000 & wait';

/** A detached app-mode VM that sleeps, for exec. */
export async function runSleeper(
  name: string,
  flags: readonly string[] = [],
  from = 'busybox',
): Promise<void> {
  await igniteOk(['run', '-d', '--name', name, ...flags, image(from), 'sh', '-c', SLEEP]);
}

/** The same under a name of its own, which it returns. */
export async function startSleeper(
  hooks: Hooks,
  word: string,
  flags: readonly string[] = [],
): Promise<string> {
  const name = vmName(hooks, word);
  await runSleeper(name, flags);
  return name;
}

/** The VM as `inspect` shows it. */
export async function inspect(name: string): Promise<VmDocument> {
  return JSON.parse(await igniteOk(['inspect', 'vm', name])) as VmDocument;
}

/** The STATUS column of `ps -a` for a VM; undefined where it is not listed. */
export async function statusOf(name: string): Promise<string | undefined> {
  const list = await igniteOk(['ps', '-a', '--format', '{{.Names}}\t{{.Status}}']);
  return list
    .split('\n')
    .map((line) => line.split('\t'))
    .find(([listed]) => listed === name)?.[1];
}
