// What is read out of a result, and what stands in for one that was lost. Pure.
import type { FoundInterface } from '../given/interfaces.ts';
import { parseAddress, parsePrefix } from '../ipv4.ts';
import { isObject } from './configuration.ts';
import type { Attachment, CniResult } from './plugin.ts';

/** IPv4 name servers that the network came with. */
export function serversOf(result: CniResult | undefined): readonly string[] {
  const dns = result?.['dns'];
  const servers: readonly unknown[] =
    isObject(dns) && Array.isArray(dns['nameservers']) ? dns['nameservers'] : [];
  return servers
    .filter((server) => typeof server === 'string')
    .filter((server) => parseAddress(server) !== undefined);
}

/** IPv4 addresses with their prefix lengths, `10.61.0.2/16`. */
export function addressesIn(result: CniResult | undefined): readonly string[] {
  const ips: readonly unknown[] = Array.isArray(result?.['ips']) ? result['ips'] : [];
  return ips
    .flatMap((ip) => (isObject(ip) && typeof ip['address'] === 'string' ? [ip['address']] : []))
    .filter((address) => parsePrefix(address) !== undefined);
}

/**
 * A result by what is in the namespace, where the plugins' own was lost: with it plugins find the rules that they
 * made for an address.
 */
export function resultBySight(
  cniVersion: string,
  attachment: Attachment,
  found: readonly FoundInterface[],
): CniResult | undefined {
  const own = found.find(({ name }) => name === attachment.interface);
  if (own?.address === undefined) return undefined;
  const version = cniVersion.startsWith('0.') ? { version: '4' } : {}; // gone since 1.0.0
  return {
    cniVersion,
    interfaces: [{ name: own.name, mac: own.mac, sandbox: attachment.netns }],
    ips: [{ ...version, address: `${own.address}/${own.prefixLength ?? 32}`, interface: 0 }],
    dns: {},
  };
}
