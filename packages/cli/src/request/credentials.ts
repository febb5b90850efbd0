// Credentials for registries, found where Docker keeps them, with the caller's rights (CLI rule 21).
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { parseReference } from '@ignite/api/references';
import type { CliHost } from '../host.ts';

/** One registry's credentials as the request carries them. */
export interface Credentials {
  readonly registry: string;
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
}

/** The parts of Docker's config.json that we read. */
interface DockerConfig {
  readonly auths: Readonly<
    Record<string, { auth?: unknown; identitytoken?: unknown; username?: unknown; password?: unknown }>
  >;
  readonly credHelpers: Readonly<Record<string, unknown>>;
  readonly credsStore: unknown;
}

const HELPER_MS = 10_000;
const DOCKER_HUB = 'https://index.docker.io/v1/';

/**
 * Credentials for the registries of some references.
 * @param directory `--registry-config-dir`
 */
export async function findCredentials(
  host: CliHost,
  references: readonly string[],
  directory: string | undefined,
): Promise<readonly Credentials[]> {
  const registries = [...new Set(references.flatMap(registryOf))];
  if (registries.length === 0) return [];
  const found = new Map<string, Credentials>();
  for (const folder of await configFolders(host, directory)) {
    const config = await readConfig(join(folder, 'config.json'), folder === directory);
    if (config === undefined) continue;
    for (const registry of registries) {
      const one = found.has(registry) ? undefined : await credentialsFor(config, registry);
      if (one !== undefined) found.set(registry, one);
    }
  }
  return [...found.values()];
}

function registryOf(reference: string): readonly string[] {
  try {
    return [parseReference(reference).registry];
  } catch {
    return []; // no reference of a registry, or a bad one: the daemon says so
  }
}

/** `--registry-config-dir`, else DOCKER_CONFIG, else under sudo the user's folder, then the own. */
async function configFolders(host: CliHost, directory: string | undefined): Promise<readonly string[]> {
  if (directory !== undefined) return [directory];
  const { DOCKER_CONFIG, HOME, SUDO_USER } = host.env;
  if (DOCKER_CONFIG) return [DOCKER_CONFIG];
  const before = host.uid === 0 && SUDO_USER ? await homeOf(SUDO_USER) : undefined;
  return [before, HOME].filter((home) => home !== undefined).map((home) => join(home, '.docker'));
}

/** Home folder from /etc/passwd, passwd(5). */
async function homeOf(user: string): Promise<string | undefined> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = text.split('\n').find((one) => one.startsWith(`${user}:`));
  return line?.split(':')[5];
}

async function readConfig(path: string, required: boolean): Promise<DockerConfig | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const fields = typeof value === 'object' && value !== null ? value : {};
    return { auths: {}, credHelpers: {}, credsStore: undefined, ...fields };
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (missing && !required) return undefined;
    throw new IgniteError('cli/file-unreadable', `The registry credentials in ${path} cannot be read`, {
      cause,
    });
  }
}

async function credentialsFor(config: DockerConfig, registry: string): Promise<Credentials | undefined> {
  const names =
    registry === 'docker.io'
      ? [DOCKER_HUB, 'index.docker.io', 'docker.io']
      : [registry, `https://${registry}`, `http://${registry}`];
  for (const name of names) {
    const helper = config.credHelpers[name];
    if (typeof helper === 'string') return await askHelper(helper, name, registry);
    const entry = config.auths[name] ?? config.auths[`${name}/`];
    const own = entry === undefined ? undefined : entryCredentials(entry, registry);
    if (own !== undefined) return own;
  }
  const store = config.credsStore;
  return typeof store === 'string' && store !== ''
    ? await askHelper(store, names[0] ?? registry, registry)
    : undefined;
}

function entryCredentials(entry: DockerConfig['auths'][string], registry: string): Credentials | undefined {
  if (typeof entry.identitytoken === 'string' && entry.identitytoken !== '')
    return { registry, identityToken: entry.identitytoken };
  if (typeof entry.auth === 'string' && entry.auth !== '') {
    const text = Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = text.indexOf(':');
    return colon === -1
      ? undefined
      : { registry, username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  if (typeof entry.username === 'string' && typeof entry.password === 'string')
    return { registry, username: entry.username, password: entry.password };
  return undefined;
}

/** Docker's credential helpers: `docker-credential-X get`, server on stdin, JSON on stdout. Nothing known is no error. */
function askHelper(helper: string, server: string, registry: string): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/.test(helper)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const child = execFile(
      `docker-credential-${helper}`,
      ['get'],
      { timeout: HELPER_MS },
      (error, stdout) => {
        resolve(error === null ? helperAnswer(stdout, registry) : undefined);
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(server);
  });
}

function helperAnswer(text: string, registry: string): Credentials | undefined {
  try {
    const answer: { Username?: unknown; Secret?: unknown } = JSON.parse(text);
    const { Username: username, Secret: secret } = answer;
    if (typeof username !== 'string' || typeof secret !== 'string') return undefined;
    return username === '<token>'
      ? { registry, identityToken: secret }
      : { registry, username, password: secret };
  } catch {
    return undefined;
  }
}
