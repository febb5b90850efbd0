// Names of networks, and MAC addresses as people write them.

/** What the network of an engine that nobody made is called. */
export const DEFAULT_NETWORK_NAMES: readonly string[] = ['bridge', 'default'];

/** Words that `--network` takes for something else than a network that was made. */
const RESERVED = new Set([
  ...DEFAULT_NETWORK_NAMES,
  'user',
  'none',
  'host',
  'cni',
  'docker-bridge',
  'container',
]);

/** Whether a word can name a network: one label of a domain name (RFC 1123), for `<vm>.<network>`. */
export function isNetworkName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text) && !RESERVED.has(text);
}

/** Whether a word is the MAC of one interface: six bytes, not a group address (IEEE 802) and not all zero. */
export function isMac(text: string): boolean {
  return /^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}$/.test(text) && !/^00(:00){5}$/.test(text);
}
