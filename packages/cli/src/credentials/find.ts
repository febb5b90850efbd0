// Credentials for registries, found with the caller's rights and sent with the request (CLI rule 21).
import type { CliHost } from '../host.ts';
import { loginOf, type Login, readCredentialFile, type CredentialFile } from './config.ts';
import { askHelper } from './helper.ts';
import { credentialPlaces, type Place } from './places.ts';
import { serverOf, type Server } from './servers.ts';

/** One registry's credentials as the request carries them. */
export interface Credentials {
  readonly registry: string;
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
}

export interface SearchOptions {
  /** Only this folder (`--registry-config-dir`). */
  readonly directory?: string | undefined;
  /** After all others, if the caller may read it (the host's Configuration). */
  readonly last?: string | undefined;
}

/**
 * Credentials for the registries of some references: of each registry the first that is found.
 * @throws IgniteError `cli/file-unreadable`
 */
export async function findCredentials(
  host: CliHost,
  references: readonly string[],
  { directory, last }: SearchOptions = {},
): Promise<readonly Credentials[]> {
  const servers = references.map(serverOf).filter((server) => server !== undefined);
  if (servers.length === 0) return [];
  const places = [...(await credentialPlaces(host, directory))];
  if (last !== undefined && directory === undefined)
    places.push({ path: `${last}/config.json`, home: host.env['HOME'], required: false });
  const found = new Map<string, Credentials>();
  for (const place of places) {
    if (servers.every(({ registry }) => found.has(registry))) break;
    const file = await readCredentialFile(place.path, place.required);
    if (file === undefined) continue;
    for (const server of servers) {
      const login = found.has(server.registry) ? undefined : await lookUp(host, place, file, server);
      if (login !== undefined) found.set(server.registry, { registry: server.registry, ...login });
    }
  }
  return [...found.values()];
}

async function lookUp(
  host: CliHost,
  { home }: Place,
  { auths, credHelpers, credsStore }: CredentialFile,
  { keys, registry }: Server,
): Promise<Login | undefined> {
  for (const key of keys) {
    const helper = credHelpers[key];
    if (typeof helper === 'string') return await askHelper({ name: helper, host, home }, key);
    const own = loginOf(auths[key]) ?? loginOf(auths[`${key}/`]);
    if (own !== undefined) return own;
  }
  if (credsStore === '') return undefined;
  const server = keys.find((key) => Object.hasOwn(auths, key)) ?? storeKey(keys, registry);
  return await askHelper({ name: credsStore, host, home }, server);
}

/** `docker login` gives its store the host, and for the Hub its old URL. */
function storeKey(keys: readonly string[], registry: string): string {
  return keys.find((key) => key.startsWith('https://index.')) ?? registry;
}
