// Programs of the host that set it up: systemctl, groupadd. Their output is shown only where they fail.
import { execFile } from 'node:child_process';
import { IgniteError } from '@ignite/api/errors';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** `systemctl stop` waits for VMs to end. */
const DEADLINE_MS = 300_000;

/** Runs a program to its end and gives its output. @throws IgniteError `cli/host-program`, `cli/program-missing` */
export function hostProgram(argv: readonly [string, ...string[]], signal: AbortSignal): Promise<string> {
  const [program, ...args] = argv;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { timeout: DEADLINE_MS, signal, env: { PATH, LC_ALL: 'C' } };
  execFile(program, args, options, (error, stdout, stderr) => {
    if (error === null) return resolve(stdout);
    if (signal.aborted) return reject(signal.reason);
    if ('code' in error && error.code === 'ENOENT')
      return reject(new IgniteError('cli/program-missing', `${program} is not there`, { cause: error }));
    const cause = new Error(stderr.trim() === '' ? error.message : stderr.trim());
    reject(new IgniteError('cli/host-program', `\`${argv.join(' ')}\` failed`, { cause }));
  });
  return promise;
}
