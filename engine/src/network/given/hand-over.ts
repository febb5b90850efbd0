// The guest takes over what was put into its namespace: which interfaces, and what its configuration says of them.
import { setTimeout as delay } from 'node:timers/promises';
import { IgniteError } from '@ignite/api';
import type { Commands } from '../../host/index.ts';
import type { AttachContext, GivenInterface, GivenNic, GivenTaps } from '../port.ts';
import { hostResolvers, type ReadText } from '../resolvers.ts';
import { guestInterfaces, missingInterfaces } from './guest-interfaces.ts';
import type { FoundInterface } from './interfaces.ts';
import { lookInside } from './look.ts';
import { joinTaps, tapAt } from './redirect.ts';
import type { Space } from './space.ts';

/** As long as the original waited (SNW-03). */
const APPEAR_MS = 120_000;
const LOOK_EVERY_MS = 250;

interface HandOver {
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
  input: HandOver,
  context: Pick<AttachContext, 'uid' | 'interfaces' | 'signal'>,
): Promise<readonly GivenInterface[]> {
  const { commands, space, dns, readText } = input;
  const taken = await lookUntilThere(input, context);
  const asked = ({ name, address }: FoundInterface) =>
    address !== undefined && context.interfaces?.get(name) !== 'tc-redirect';
  const joined = taken.map((one) => ({ ...one, ...(asked(one) ? { dhcp: true as const } : {}) }));
  await joinTaps(commands, space, joined, context.uid, context.signal);
  const servers = dns.length > 0 ? dns : await reachableResolvers(readText);
  return joined.map((one) => ({ ...one, dns: servers }));
}

/** Interfaces that annotations name may come from somebody else, later than the network itself. */
async function lookUntilThere(
  { commands, space, network }: HandOver,
  { interfaces = new Map(), signal }: Pick<AttachContext, 'interfaces' | 'signal'>,
): Promise<readonly FoundInterface[]> {
  const deadline = performance.now() + APPEAR_MS;
  for (;;) {
    const found = await lookInside(commands, space, signal);
    const missing = missingInterfaces(found, interfaces);
    if (missing.length === 0) return guestInterfaces(found, interfaces, network);
    if (performance.now() > deadline)
      throw new IgniteError(
        'network/nothing-given',
        `No interface ${missing.join(', ')} came into the VM's namespace ${space.name}, which an annotation of the VM expects`,
      );
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch((cause: unknown) => {
      throw new IgniteError('host/cancelled', 'Waiting for an interface was cancelled', { cause });
    });
  }
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
