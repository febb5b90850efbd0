// The installed Ignite as the tests in the lab use it; nothing but Node's own modules is there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longer than a start is given, so that what the program says of it is heard. */
const TIMEOUT_MS = 420_000;

/** Runs `ignite ARGV…`. */
export function ignite(argv: readonly string[], printed?: (stdout: string) => void): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 24 } as const;
  const child = execFile('ignite', [...argv], options, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
    resolve({ code, stdout, stderr });
  });
  let stdout = '';
  child.stdout?.on('data', (piece: string) => printed?.((stdout += piece)));
  child.stdin?.end();
  return promise;
}

/** The same where success is expected; stdout without its last newline. */
export async function igniteOk(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await ignite(argv);
  assert.equal(code, 0, `ignite ${argv.join(' ')}: exit ${code}\n${stdout}${stderr}`);
  return stdout.replace(/\n$/, '');
}

/** A name that no other test has. */
export function vmName(word: string): string {
  return `${word}-${randomBytes(3).toString('hex')}`;
}

/** Host pids of the daemons that run. */
export async function daemons(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.some((word) => /(^|\/)ignited(\.js)?$/.test(word))) found.push(Number(pid));
  }
  return found;
}
