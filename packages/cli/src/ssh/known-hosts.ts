// Whether the SSH server that answers is the VM's: by the keys that the daemon pinned, never by the caller's own list.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshAccess } from '@ignite/client';
import { IgniteError } from '@ignite/api/errors';

const SCAN_SECONDS = 10;

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

/** After a connection that failed: says so where the server's keys are others. @throws IgniteError `cli/host-key` */
export async function requireSameKeys({ host, hostKeys = [] }: SshAccess, vm: string): Promise<void> {
  const offered = await offeredKeys(host);
  if (offered.length === 0 || offered.some((key) => hostKeys.includes(key))) return;
  throw new IgniteError('cli/host-key', `What answers at ${host} has other SSH host keys than ${vm} had`);
}

/** Type and base64 of each key that a server has; none where it does not answer. */
async function offeredKeys(host: string): Promise<readonly string[]> {
  const scan = spawn('ssh-keyscan', ['-T', String(SCAN_SECONDS), host], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: SCAN_SECONDS * 2000,
  });
  scan.once('error', () => {}); // without the program ssh's own words must do
  const lines = (await text(scan.stdout)).split('\n');
  return lines.flatMap((line) => {
    const [, type, key] = /^[^#\s]\S* (\S+) (\S+)$/.exec(line) ?? [];
    return type === undefined || key === undefined ? [] : [`${type} ${key}`];
  });
}
