// Whether the SSH server that answers is the VM's: by the keys that the daemon pinned, never by the caller's own list.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshAccess } from '@ignite/client';
import { IgniteError } from '@ignite/api/errors';

/** OpenSSH's words, after its warning that names our temporary file. */
const REFUSED = /^Host key verification failed\.\r?$/m;

/**
 * Options of ssh and scp that hold the server to the pinned keys.
 * @param folder of the caller's alone, where the list is written
 * @throws IgniteError `cli/no-host-key`
 */
export function trustOptions(
  folder: string,
  { host, hostKeys = [] }: SshAccess,
  vm: string,
  insecure: boolean,
): readonly string[] {
  if (insecure) return ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
  if (hostKeys.length === 0)
    throw new IgniteError(
      'cli/no-host-key',
      `Ignite does not know the SSH host keys of ${vm}: its agent tells none`,
    );
  const path = join(folder, 'known_hosts');
  writeFileSync(path, hostKeys.map((key) => `${host} ${key}\n`).join(''), { mode: 0o600 });
  return ['StrictHostKeyChecking=yes', `UserKnownHostsFile=${path}`, 'GlobalKnownHostsFile=/dev/null'];
}

/**
 * What ssh or scp had to say, for the caller's stderr.
 * @param log the file that they said it in
 * @throws IgniteError `cli/host-key` where they refused the server for its keys
 */
export function saidBySsh(log: string, { host }: SshAccess, vm: string): string {
  const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
  if (!REFUSED.test(said)) return said;
  throw new IgniteError('cli/host-key', `What answers at ${host} has other SSH host keys than ${vm} had`);
}
