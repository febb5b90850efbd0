// Published ports: when two of them collide, who listens on the host, and which random port is free. Pure.
import { createHash } from 'node:crypto';
import type { PortMapping } from './port.ts';

/** A socket of the host that waits for connections or datagrams. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** Undefined: all addresses. */
  readonly address: string | undefined;
  readonly port: number;
  /** `nginx (pid 12)`, where `ss` was allowed to see it. */
  readonly process: string | undefined;
}

/** Host ports for `hostPort` 0: Linux's own ephemeral range, ip-sysctl.rst `ip_local_port_range`. */
const FIRST_RANDOM = 32_768;
const LAST_RANDOM = 60_999;

type HostSide = Pick<PortMapping, 'protocol' | 'bindAddress' | 'hostPort'>;

/** Whether two published ports want the same socket address, by the rules of bind(2) without SO_REUSEADDR. */
export function portsCollide(a: HostSide, b: HostSide): boolean {
  if (a.protocol !== b.protocol || a.hostPort !== b.hostPort) return false;
  const [first, second] = [bindAddressOf(a), bindAddressOf(b)];
  return first === undefined || second === undefined || first === second;
}

/** The address a port is published on; undefined for all of them, however that was written. */
export function bindAddressOf(port: Pick<PortMapping, 'bindAddress'>): string | undefined {
  return port.bindAddress === '0.0.0.0' || port.bindAddress === '' ? undefined : port.bindAddress;
}

/** `8080/tcp` or `127.0.0.1:8080/tcp`, for messages. */
export function describePort(port: HostSide): string {
  const address = bindAddressOf(port);
  return `${address === undefined ? '' : `${address}:`}${port.hostPort}/${port.protocol}`;
}

/** The listener that holds a port, if any. */
export function listenerOf(port: HostSide, listeners: readonly Listener[]): Listener | undefined {
  return listeners.find((listener) =>
    portsCollide(port, {
      protocol: listener.protocol,
      hostPort: listener.port,
      ...(listener.address === undefined ? {} : { bindAddress: listener.address }),
    }),
  );
}

/**
 * Lines of `ss -H -l -t -u -n [-p]` (ss(8)) → listeners that an IPv4 packet can reach. IPv6-only addresses are left
 * out; `*` and `[::]` count, as a socket on them takes IPv4 as well unless told otherwise.
 */
export function parseListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line) => {
    const [protocol, , , , local = '', , ...rest] = line.trim().split(/\s+/);
    if (protocol !== 'tcp' && protocol !== 'udp') return [];
    const match = /^(.*):(\d+)$/.exec(local);
    const host = (match?.[1] ?? '').replace(/%.*$/, '').replace(/^\[(?:::ffff:)?(.*)\]$/, '$1');
    if (match === null || (host.includes(':') && host !== '::')) return [];
    const address = host === '*' || host === '0.0.0.0' || host === '::' ? undefined : host;
    return [{ protocol, address, port: Number(match[2]), process: processOf(rest.join(' ')) }];
  });
}

/**
 * A free port of the ephemeral range: the search begins at a place that follows from `seed`, so that a repeated
 * call finds the same port as long as it is free.
 * @returns undefined where the range is full
 */
export function randomHostPort(seed: string, isFree: (port: number) => boolean): number | undefined {
  const count = LAST_RANDOM - FIRST_RANDOM + 1;
  const start = createHash('sha256').update(seed).digest().readUInt32BE(0) % count;
  for (let step = 0; step < count; step++) {
    const port = FIRST_RANDOM + ((start + step) % count);
    if (isFree(port)) return port;
  }
  return undefined;
}

function processOf(users: string): string | undefined {
  const match = /\(\("([^"]*)",pid=(\d+)/.exec(users);
  return match === null ? undefined : `${match[1]} (pid ${match[2]})`;
}
