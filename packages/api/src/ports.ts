// Published ports as people write them: the original's and Docker's forms (API-T04, API-T05).
import { canonicalAddress } from './addresses.ts';
import { IgniteError } from './errors/error.ts';

export type PortProtocol = 'tcp' | 'udp';

/** One published port. */
export interface PortMapping {
  /** Address of the host; absent: all of them. */
  readonly bindAddress?: string;
  /** 0: the engine chooses one when the VM is made. */
  readonly hostPort: number;
  readonly vmPort: number;
  readonly protocol: PortProtocol;
}

const MAX_PORT = 65535;

/**
 * Reads one word: `80`, `8080:80`, `127.0.0.1:8080:80/udp`, `[::1]:8080:80`, `127.0.0.1::80`,
 * `8000-8002:9000-9002`. Ranges of equal length expand in order.
 * @throws IgniteError `api/invalid-port`
 */
export function parsePorts(text: string): readonly PortMapping[] {
  const slash = text.lastIndexOf('/');
  const protocol = parseProtocol(text, slash < 0 ? 'tcp' : text.slice(slash + 1));
  const { address, host, vm } = splitParts(text, slash < 0 ? text : text.slice(0, slash));
  const vmRange = parseRange(text, vm, 1);
  const hostRange = host === undefined ? undefined : parseRange(text, host, 0);
  const count = vmRange.last - vmRange.first + 1;
  if (hostRange !== undefined && hostRange.last - hostRange.first + 1 !== count) {
    throw invalid(text, 'has ranges of different lengths');
  }
  const bindAddress = address === undefined ? undefined : canonicalAddress(address);
  if (address !== undefined && bindAddress === undefined)
    throw invalid(text, `has the invalid address "${address}"`);
  return Array.from({ length: count }, (_, index) => ({
    ...(bindAddress === undefined ? {} : { bindAddress }),
    hostPort: hostRange === undefined ? 0 : hostRange.first + index,
    vmPort: vmRange.first + index,
    protocol,
  }));
}

/** The original's printed form: `0.0.0.0:8080->80/tcp`; a random port not chosen yet prints as `0`. */
export function formatPort(port: PortMapping): string {
  const address = port.bindAddress ?? '0.0.0.0';
  const shown = address.includes(':') ? `[${address}]` : address;
  return `${shown}:${port.hostPort}->${port.vmPort}/${port.protocol}`;
}

/** A list as tables show it: joined with a comma and a blank. */
export function formatPorts(ports: readonly PortMapping[]): string {
  return ports.map(formatPort).join(', ');
}

/** Whether two mappings want the same port of the host; random ones never do. */
export function portsCollide(a: PortMapping, b: PortMapping): boolean {
  if (a.hostPort === 0 || a.hostPort !== b.hostPort || a.protocol !== b.protocol) return false;
  return isEveryAddress(a.bindAddress) || isEveryAddress(b.bindAddress) || a.bindAddress === b.bindAddress;
}

function isEveryAddress(address: string | undefined): boolean {
  return address === undefined || address === '0.0.0.0' || address === '::';
}

interface Parts {
  readonly address: string | undefined;
  readonly host: string | undefined;
  readonly vm: string;
}

function splitParts(text: string, rest: string): Parts {
  if (rest.startsWith('[')) {
    const close = rest.indexOf(']:');
    if (close < 0) throw invalid(text, 'has no "]:" after its address');
    const [host = '', vm, extra] = rest.slice(close + 2).split(':');
    if (vm === undefined || extra !== undefined) throw invalid(text, 'needs a host port and a VM port');
    return { address: rest.slice(1, close), host: emptyIsAbsent(host), vm };
  }
  const parts = rest.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1) return { address: undefined, host: undefined, vm: first };
  if (parts.length === 2) return { address: undefined, host: first, vm: second };
  if (parts.length === 3) return { address: first, host: emptyIsAbsent(second), vm: third };
  throw invalid(text, 'has too many colons; an IPv6 address stands in brackets');
}

function emptyIsAbsent(word: string): string | undefined {
  return word === '' ? undefined : word;
}

function parseProtocol(text: string, word: string): PortProtocol {
  const protocol = word.toLowerCase();
  if (protocol !== 'tcp' && protocol !== 'udp') throw invalid(text, `has the unknown protocol "${word}"`);
  return protocol;
}

function parseRange(text: string, word: string, least: number): { first: number; last: number } {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(word);
  if (match === null) throw invalid(text, word === '' ? 'lacks a port' : `has the invalid port "${word}"`);
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  if (first < least || last > MAX_PORT) throw invalid(text, `has the port "${word}" outside 1-${MAX_PORT}`);
  if (last < first || (first === 0 && last > 0)) throw invalid(text, `has the empty range "${word}"`);
  return { first, last };
}

function invalid(text: string, why: string): IgniteError {
  return new IgniteError('api/invalid-port', `The port mapping "${text.slice(0, 80)}" ${why}`);
}
