// Names of registries: Docker Hub's aliases, loopback, canonical spelling.

/** The registry that references without a domain mean. */
const DOCKER_HUB = 'docker.io';
const HUB_ALIASES: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
  'registry.docker.io',
]);

/**
 * One spelling per registry, so that credentials and lists are compared exactly, never by substring: lower case, no
 * scheme, no path (`https://index.docker.io/v1/` is Docker's own key for the Hub), no default port.
 */
export function canonicalRegistry(word: string): string {
  const bare = word
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .replace(/:443$/, '');
  return HUB_ALIASES.has(bare) ? DOCKER_HUB : bare;
}

/** Where a registry's API is served: the Hub's is not at its own name. */
export function apiHost(registry: string): string {
  const canonical = canonicalRegistry(registry);
  return canonical === DOCKER_HUB ? 'registry-1.docker.io' : canonical;
}

/** Whether a registry is this machine, where plain HTTP cannot be overheard. */
export function isLoopback(registry: string): boolean {
  const host = registry.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return (
    host === 'localhost' || host.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(host) || host === '::1'
  );
}
