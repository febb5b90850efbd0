// The guest takes over what was put into its namespace: which interfaces, and what it is told of them.
import { IgniteError } from '@ignite/api';
import type { Commands } from '../../host/index.ts';
import type { AttachContext, GivenInterface, GivenNic, GivenTaps } from '../port.ts';
import { hostResolvers, type ReadText } from '../resolvers.ts';
import { FIRST, type FoundInterface } from './interfaces.ts';
import { lookInside } from './look.ts';
import { joinTaps, tapAt } from './redirect.ts';
import type { Space } from './space.ts';

export interface HandOver {
  readonly commands: Commands;
  readonly space: Space;
  /** For messages: `The CNI network mynet`. */
  readonly network: string;
  /** DNS servers that came with the network. */
  readonly dns: readonly string[];
  readonly readText: ReadText;
}

/**
 * Joins a tap to every interface that the guest gets.
 * @returns the interfaces in the guest's order
 * @throws IgniteError `network/nothing-given`
 */
export async function handOver(
  { commands, space, network, dns, readText }: HandOver,
  { uid, signal }: Pick<AttachContext, 'uid' | 'signal'>,
): Promise<readonly GivenInterface[]> {
  const taken = guestInterfaces(await lookInside(commands, space, signal), network);
  await joinTaps(commands, space, taken, uid, signal);
  const servers = dns.length > 0 ? dns : await reachableResolvers(readText);
  return taken.map((one) => ({ ...one, dns: servers }));
}

/**
 * The interfaces that the guest gets: eth0, and each other one with an IPv4 address. One that has nothing but what
 * the kernel gives each link (an IPv6 address of the link) is none of the guest's.
 */
export function guestInterfaces(
  found: readonly FoundInterface[],
  network: string,
): readonly FoundInterface[] {
  const [first] = found;
  if (first?.name !== FIRST)
    throw new IgniteError(
      'network/nothing-given',
      `${network} has put no interface ${FIRST} into the VM's namespace`,
    );
  if (first.address === undefined)
    throw new IgniteError('network/nothing-given', `${network} has given ${FIRST} no IPv4 address`);
  return found.filter(({ address }) => address !== undefined);
}

/** A server on the host's loopback answers the host alone. */
async function reachableResolvers(readText: ReadText): Promise<readonly string[]> {
  return (await hostResolvers(readText)).filter((server) => !server.startsWith('127.'));
}

/** What a VMM and its supervisor need. */
export function tapsOf(space: Space, bound: GivenNic): GivenTaps {
  const taps = (bound.given ?? []).map(({ mac, mtu }, index) => ({ tap: tapAt(index), mac, mtu }));
  return { kind: 'given', netns: space.path, taps, bound };
}
