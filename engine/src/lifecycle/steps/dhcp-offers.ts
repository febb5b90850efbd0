// DHCP offers for guests that insist on DHCP: the addresses of networks that others made, which are also in the guest's
// configuration.
import { isIpv4 } from '@ignite/api/addresses';
import type { AttachedNic } from '../../network/index.ts';
import type { DhcpOffer } from '../../supervisor/port.ts';

/** An offer for each interface whose frames leave a question for us. */
export function dhcpOffers(nic: AttachedNic, hostname: string): readonly DhcpOffer[] {
  if (nic.kind !== 'given') return [];
  const name = /^[!-~]{1,63}$/.test(hostname) ? hostname : '-'; // as long as a label may be
  return (nic.bound.given ?? []).flatMap(({ dhcp, mac, address, prefixLength = 32, gateway, dns }, index) => {
    const tap = nic.taps[index]?.tap;
    if (dhcp !== true || address === undefined || tap === undefined) return [];
    const servers = dns.filter(isIpv4); // option 6 is IPv4 only; IPv6 servers are in the configuration
    return [
      {
        tap,
        mac,
        address,
        prefixLength,
        dns: servers,
        hostname: name,
        ...(gateway === undefined ? {} : { gateway }),
      },
    ];
  });
}
