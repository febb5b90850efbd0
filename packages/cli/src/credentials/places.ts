// Where credentials of the caller may lie (CLI rule 21): Docker's config.json, containers' auth.json.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import type { CliHost } from '../host.ts';

/** One file; a helper that it names runs with this home. */
export interface Place {
  readonly path: string;
  readonly home: string | undefined;
  /** Asked for by name: it is an error when it is not there. */
  readonly required: boolean;
}

interface Person {
  readonly home: string | undefined;
  readonly runtime: string | undefined;
}

/**
 * The files to look into, in order. A folder that was asked for is the only one; under sudo the user's files come
 * before root's.
 */
export async function credentialPlaces(
  host: CliHost,
  directory: string | undefined,
): Promise<readonly Place[]> {
  const { DOCKER_CONFIG, HOME, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = host.env;
  const place = (path: string, home = HOME, required = false): Place => ({ path, home, required });
  if (directory !== undefined) return [place(join(directory, 'config.json'), HOME, true)];
  const named = [
    ...(DOCKER_CONFIG ? [place(join(DOCKER_CONFIG, 'config.json'))] : []),
    ...(REGISTRY_AUTH_FILE ? [place(REGISTRY_AUTH_FILE)] : []),
  ];
  const people = [...(await sudoUser(host)), { home: HOME, runtime: XDG_RUNTIME_DIR }];
  return [...named, ...people.flatMap((person) => filesOf(person).map((path) => place(path, person.home)))];
}

/** The file that `login` writes: Docker's of the caller. */
export function configFile(host: CliHost, directory: string | undefined): string {
  const { DOCKER_CONFIG, HOME } = host.env;
  if (directory !== undefined) return join(directory, 'config.json');
  if (DOCKER_CONFIG) return join(DOCKER_CONFIG, 'config.json');
  if (!HOME) throw new IgniteError('cli/file-unwritable', 'There is no place for a login: HOME is not set');
  return join(HOME, '.docker', 'config.json');
}

function filesOf({ home, runtime }: Person): readonly string[] {
  return [
    ...(home ? [join(home, '.docker/config.json')] : []),
    ...(runtime ? [join(runtime, 'containers/auth.json')] : []),
    ...(home ? [join(home, '.config/containers/auth.json')] : []),
  ];
}

async function sudoUser(host: CliHost): Promise<readonly Person[]> {
  const { SUDO_UID, SUDO_USER } = host.env;
  if (host.uid !== 0 || !SUDO_USER) return [];
  const runtime = /^\d+$/.test(SUDO_UID ?? '') ? `/run/user/${SUDO_UID}` : undefined;
  return [{ home: await homeOf(SUDO_USER), runtime }];
}

/** Home folder from /etc/passwd, passwd(5). */
async function homeOf(user: string): Promise<string | undefined> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = text.split('\n').find((one) => one.startsWith(`${user}:`));
  return line?.split(':')[5];
}
