// The command under test, as a person types it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
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

/** A name for a VM that no other test has; the VM is removed after the test. */
export function vmName(t: Pick<TestContext, 'after'>, word: string): string {
  const name = `${word}-${randomBytes(3).toString('hex')}`;
  t.after(async () => void (await ignite(['rm', '-f', name])));
  return name;
}

/** A detached app-mode VM that sleeps, for exec. */
export async function startSleeper(
  t: Pick<TestContext, 'after'>,
  word: string,
  flags: readonly string[] = [],
): Promise<string> {
  const name = vmName(t, word);
  await igniteOk(['run', '-d', '--name', name, ...flags, image('busybox'), 'sleep', '100000']);
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
