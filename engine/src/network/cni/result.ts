// What is read out of a result, and what stands in for one that was lost. Pure.
import { canonicalAddress, isIpv6 } from '@ignite/api/addresses';
import type { FoundInterface } from '../given/interfaces.ts';
import { parseAddress, parsePrefix } from '../ipv4.ts';
import { isObject } from './configuration.ts';
import type { Attachment, CniResult } from './plugin.ts';

/** Name servers that the network came with; one on the loopback or without its link would be the guest's own, or nobody. */
export function serversOf(result: CniResult | undefined): readonly string[] {
  const dns = result?.['dns'];
  const servers: readonly unknown[] =
    isObject(dns) && Array.isArray(dns['nameservers']) ? dns['nameservers'] : [];
  return servers
    .filter((server) => typeof server === 'string')
    .filter((server) => parseAddress(server) !== undefined || isReachableIpv6(server));
}

/** Addresses with their prefix lengths, `10.61.0.2/16`, `fd00::2/64`. */
export function addressesIn(result: CniResult | undefined): readonly string[] {
  const ips: readonly unknown[] = Array.isArray(result?.['ips']) ? result['ips'] : [];
  return ips
    .flatMap((ip) => (isObject(ip) && typeof ip['address'] === 'string' ? [ip['address']] : []))
    .filter((address) => parsePrefix(address) !== undefined || isIpv6Range(address));
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
  return {
    cniVersion,
    interfaces: [{ name: own.name, mac: own.mac, sandbox: attachment.netns }],
    ips: [`${own.address}/${own.prefixLength ?? 32}`, ...(own.further ?? [])].map((address) => ({
      // Gone since 1.0.0.
      ...(cniVersion.startsWith('0.') ? { version: address.includes(':') ? '6' : '4' } : {}),
      address,
      interface: 0,
    })),
    dns: {},
  };
}

function isReachableIpv6(text: string): boolean {
  const address = canonicalAddress(text);
  return address?.includes(':') === true && address !== '::1' && !/^fe[89ab]/.test(address);
}

function isIpv6Range(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  return rest.length === 0 && isIpv6(address) && /^\d{1,3}$/.test(length) && Number(length) <= 128;
}
