// The keys under which credential files know a registry (docker/cli, cli/config; containers-auth.json(5)).
import { parseReference } from '@ignite/api/references';
import { usage } from '../usage-error.ts';

const DOCKER_HUB = 'docker.io';
/** Docker's own key for its Hub, from the time of its first API. */
const HUB_KEY = 'https://index.docker.io/v1/';

/** A registry and the keys that may hold its credentials, the most exact first. */
export interface Server {
  readonly registry: string;
  readonly keys: readonly string[];
}

/** The server a reference is served by: containers' files may name a part of a registry (`quay.io/team`). */
export function serverOf(reference: string): Server | undefined {
  try {
    const { registry, repository } = parseReference(reference);
    const parts = repository.split('/');
    const spaces = parts.map((_, index) => `${registry}/${parts.slice(0, parts.length - index).join('/')}`);
    return { registry, keys: [...spaces, ...hostKeys(registry)] };
  } catch {
    return undefined; // no reference of a registry, or a bad one: the daemon says so
  }
}

/**
 * The registry that a word of `login` means, and the key to keep its login under.
 * @throws IgniteError `cli/usage`
 */
export function loginServer(word: string | undefined): { readonly registry: string; readonly key: string } {
  const bare = (word ?? DOCKER_HUB)
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  const hub = ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'hub.docker.com'].includes(bare);
  if (!/^[a-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-f:]+\](?::\d{1,5})?$/.test(bare))
    throw usage(`"${word}" is no registry: write HOST or HOST:PORT`);
  return hub ? { registry: DOCKER_HUB, key: HUB_KEY } : { registry: bare, key: bare };
}

/** The keys of a whole registry. */
export function hostKeys(registry: string): readonly string[] {
  return registry === DOCKER_HUB
    ? [HUB_KEY, 'index.docker.io', 'docker.io']
    : [registry, `https://${registry}`, `http://${registry}`];
}
