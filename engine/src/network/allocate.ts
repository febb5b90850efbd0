// Addresses and MACs of VMs: pure functions of what is taken and who asks.
import { createHash } from 'node:crypto';
import { formatAddress, type Prefix, sizeOf } from './ipv4.ts';

/** The gateway: the first address after the subnet's base. */
export function gatewayOf(subnet: Prefix): string {
  return formatAddress(subnet.base + 1);
}

/**
 * The lowest address of the subnet that is neither its base, its gateway, its broadcast address nor taken.
 * @returns undefined where none is free
 */
export function lowestFreeAddress(subnet: Prefix, taken: ReadonlySet<string>): string | undefined {
  for (let offset = 2; offset < sizeOf(subnet) - 1; offset++) {
    const address = formatAddress(subnet.base + offset);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

/**
 * The MAC of a VM's NIC: locally administered unicast (IEEE 802, second bit of the first byte), 40 bits of the
 * hash of who asks. The same words give the same MAC; `taken` moves on to the next hash.
 */
export function macFor(words: readonly string[], taken: ReadonlySet<string> = new Set()): string {
  for (let attempt = 0; ; attempt++) {
    const hash = createHash('sha256')
      .update([...words, attempt].join('\0'))
      .digest();
    const mac = ['02', ...[...hash.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, '0'))].join(
      ':',
    );
    if (!taken.has(mac)) return mac;
  }
}

/**
 * The MAC of the host's end of a guest's tap: the guest's with the first byte fe, so that the two never are the
 * same and the bridge, which has an address of its own, never takes it (demand F10).
 */
export function hostSideMac(guestMac: string): string {
  return `fe${guestMac.slice(2)}`;
}
