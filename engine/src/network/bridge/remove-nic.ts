// Removes one NIC from the host: by what was seen of it, or everything it may have.
import { allDone } from '../../work/index.ts';
import { SOURCES } from './bridge-table.ts';
import { sourceElement } from './elements.ts';
import { runInside, scriptOf } from './inside.ts';
import { BRIDGE, tapName } from '../names.ts';
import { NEIGHBOURS } from './neighbour-table.ts';
import { addElements, deleteElements, type NftTable } from './nft.ts';
import type { NetworkParts } from './options.ts';
import { CLOSED, ownChain, POLICIES } from './policy.ts';
import type { BridgeNic } from '../port.ts';
import { isRefusal } from '../refusals.ts';
import { VMS } from './root-table.ts';
import type { NicSight, SightContext } from './sight.ts';

type NftOwner = Pick<NftTable, 'family' | 'name'>;

/** Removes what `sight` has of the NIC; refused where some of it is gone by now. */
export async function removeNic(
  parts: NetworkParts,
  nic: BridgeNic,
  context: SightContext,
  sight: NicSight,
): Promise<void> {
  const { root, bridge, tap } = placesOf(parts, context);
  const { address } = nic;
  const lines = [
    ...sight.ports.flatMap(({ map, entry }) => deleteElements(root, map, [entry.key])),
    ...(sight.vm ? [...deleteElements(root, VMS, [address]), ...forget(root, CLOSED, address)] : []),
    ...(sight.policy ? removePolicy(root, nic) : []),
  ];
  const sources = [
    ...(sight.source
      ? [
          ...deleteElements(bridge, SOURCES, [sourceElement(tap, nic)]),
          ...forget(root, NEIGHBOURS, address),
          ...forget(root, CLOSED, address),
        ]
      : []),
    ...(sight.innerPolicy ? removePolicy(root, nic) : []),
  ];
  const { signal } = context;
  const input = { inside: scriptOf(sources), outside: scriptOf(lines) };
  const nothing = Promise.resolve();
  await allDone([
    removeLinks(parts, nic, { tap, signal }),
    sources.length > 0 ? runInside(parts, ['nft', '-f', '-'], { signal, input: input.inside }) : nothing,
    lines.length > 0 ? parts.commands.run(['nft', '-f', '-'], { signal, input: input.outside }) : nothing,
  ]);
}

/**
 * Removes what a NIC without published ports has, unless it has a policy, whatever of it is there. What fails is seen by
 * the look that follows.
 */
export async function removeUnseen(
  parts: NetworkParts,
  nic: BridgeNic,
  context: SightContext,
): Promise<void> {
  const { root, bridge, tap } = placesOf(parts, context);
  const { address } = nic;
  const { signal } = context;
  const inside = [
    ...forget(bridge, SOURCES, sourceElement(tap, nic)),
    ...forget(root, NEIGHBOURS, address),
    ...forget(root, CLOSED, address),
  ];
  const outside = [...forget(root, VMS, address), ...forget(root, CLOSED, address)];
  const ended = await Promise.allSettled([
    removeLinks(parts, nic, { tap, signal }),
    runInside(parts, ['nft', '-f', '-'], { signal, input: scriptOf(inside) }),
    parts.commands.run(['nft', '-f', '-'], { signal, input: scriptOf(outside) }),
  ]);
  for (const one of ended) if (one.status === 'rejected' && !isRefusal(one.reason)) throw one.reason;
}

/** The tap, and what the network and the host know of the address's MAC: it may be another VM's next. */
async function removeLinks(
  { commands, names }: NetworkParts,
  { address }: Pick<BridgeNic, 'address'>,
  { tap, signal }: { readonly tap: string; readonly signal: AbortSignal },
): Promise<void> {
  const quiet = { signal, okCodes: [0, 1, 255] };
  const lines = [
    `neighbour flush to ${address} dev ${BRIDGE} nud permanent`,
    `link del dev ${tap}`, // which may be gone
  ];
  await allDone([
    commands.run(['ip', '-n', names.netns, '-force', '-batch', '-'], { ...quiet, input: scriptOf(lines) }),
    commands.run(['ip', 'neighbour', 'flush', 'to', address, 'dev', names.link], quiet),
  ]);
}

/** Where a NIC's elements are: in the tables outside and inside of its namespace, and under its tap. */
function placesOf({ names: { table: name }, ordinal }: NetworkParts, { slot, nic }: SightContext) {
  const root: NftOwner = { family: 'inet', name };
  const bridge: NftOwner = { family: 'bridge', name };
  return { root, bridge, tap: tapName(ordinal, slot, nic) };
}

/** An element that may be there, gone: deleting one that is not there would refuse the whole script. */
function forget(table: NftOwner, set: string, element: string): readonly string[] {
  return [...addElements(table, set, [element]), ...deleteElements(table, set, [element])];
}

/** A VM's verdict and its chain, which may or may not be there. */
function removePolicy(table: NftOwner, nic: Pick<BridgeNic, 'address'>): readonly string[] {
  const chain = `chain inet ${table.name} ${ownChain(nic)}`;
  return [
    ...deleteElements(table, POLICIES, [nic.address]),
    `add ${chain}`,
    `flush ${chain}`,
    `delete ${chain}`,
  ];
}
