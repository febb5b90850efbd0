// Which interfaces of a namespace the guest gets, and which are still to come. Pure.
import { IgniteError } from '@ignite/api';
import type { WishedInterfaces } from './annotations.ts';
import { FIRST, type FoundInterface } from './interfaces.ts';

/**
 * The interfaces that the guest gets: eth0, those that annotations name, and each other one with an IPv4 address. One
 * that has nothing but what the kernel gives each link (an IPv6 address of the link) is none of the guest's.
 * @param network for messages: `The CNI network mynet`
 * @throws IgniteError `network/nothing-given`
 */
export function guestInterfaces(
  found: readonly FoundInterface[],
  wished: WishedInterfaces,
  network: string,
): readonly FoundInterface[] {
  const [first] = found;
  if (first?.name !== FIRST)
    throw new IgniteError(
      'network/nothing-given',
      `${network} has put no interface ${FIRST} into the VM's namespace`,
    );
  if (first.address === undefined && wished.get(FIRST) !== 'tc-redirect')
    throw new IgniteError('network/nothing-given', `${network} has given ${FIRST} no IPv4 address`);
  return found.filter(({ name, address }) => address !== undefined || name === FIRST || wished.has(name));
}

/** What annotations expect and is not there yet. */
export function missingInterfaces(
  found: readonly FoundInterface[],
  wished: WishedInterfaces,
): readonly string[] {
  return [...wished].flatMap(([name, way]) => {
    const there = found.find((one) => one.name === name);
    if (there === undefined) return [name];
    return way === 'dhcp-bridge' && there.address === undefined ? [`${name} with an IPv4 address`] : [];
  });
}
