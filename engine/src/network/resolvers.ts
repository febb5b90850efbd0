// Which DNS servers the host really asks. Guests are given the gateway's address; our table forwards its port 53 to these
// servers, so that the guest's configuration stays right when the host changes networks.
import { hasErrno } from '../host/index.ts';
import { parseAddress } from './ipv4.ts';

/** Reads a small text file; undefined, or a rejection with ENOENT, where there is none. */
export type ReadText = (path: string) => Promise<string | undefined>;

const MAIN = '/etc/resolv.conf';

/** Where local stubs keep the servers behind them: systemd-resolved(8), NetworkManager.conf(5) `rc-manager`. */
const BEHIND_STUBS = [
  '/run/systemd/resolve/resolv.conf',
  '/run/NetworkManager/no-stub-resolv.conf',
  '/run/NetworkManager/resolv.conf',
];

/** glibc asks at most three, resolv.conf(5) MAXNS. */
const MAX_SERVERS = 3;

/**
 * The host's IPv4 resolvers, at most three: those of /etc/resolv.conf unless they are a loopback stub whose
 * upstream servers are known. A loopback server with nothing known behind it is returned itself. Empty: none.
 */
export async function hostResolvers(readText: ReadText): Promise<readonly string[]> {
  const main = nameservers(await textOf(readText, MAIN));
  if (main.some((server) => !isLoopback(server))) return main.filter((server) => !isLoopback(server));
  for (const path of BEHIND_STUBS) {
    const behind = nameservers(await textOf(readText, path)).filter((server) => !isLoopback(server));
    if (behind.length > 0) return behind;
  }
  return main;
}

/** The IPv4 resolvers that /etc/resolv.conf names, whatever is behind them. */
export async function configuredResolvers(readText: ReadText): Promise<readonly string[]> {
  return nameservers(await textOf(readText, MAIN));
}

async function textOf(readText: ReadText, path: string): Promise<string> {
  try {
    return (await readText(path)) ?? '';
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return '';
    throw error;
  }
}

/** The IPv4 `nameserver` lines of a resolv.conf(5), each once, in order. */
export function nameservers(text: string): readonly string[] {
  const found = text.split('\n').flatMap((line) => {
    const [word, server = ''] = line.trim().split(/\s+/);
    return word === 'nameserver' && parseAddress(server) !== undefined ? [server] : [];
  });
  return [...new Set(found)].slice(0, MAX_SERVERS);
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}
