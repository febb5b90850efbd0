// A NIC for a VMM that opens all its taps in one network namespace, while the NIC's network is another: its tap is made
// there, and a veth stands in its place on the network's bridge, under the same name, so that every rule holds for it.
import { basename } from 'node:path';
import type { Commands } from '../../host/index.ts';
import { wireLines } from '../given/redirect.ts';
import { ipBatch } from '../ip-batch.ts';
import { relayNames } from '../names.ts';
import type { NetworkParts } from './options.ts';
import type { AttachContext, BridgeNic, NicPlace } from '../port.ts';

/** Names of what a relay is made of in the namespace that the VMM runs in; undefined where the NIC needs none. */
interface Relay {
  /** Path of that namespace. */
  readonly netns: string;
  readonly tap: string;
  /** The veth's other end. */
  readonly wire: string;
}

/** The relay of a NIC; undefined where the VMM runs in the namespace of the NIC's network. */
export function relayOf(parts: Pick<NetworkParts, 'names' | 'ordinal'>, place: NicPlace): Relay | undefined {
  const { joined } = place;
  if (joined === undefined || joined === parts.names.netnsPath) return undefined;
  return { netns: joined, ...relayNames(parts.ordinal, place.slot, place.nic) };
}

/**
 * Makes tap and veth; `port` is the veth's end on the network's side, still without a bridge. What an earlier attach
 * left is removed first.
 */
export async function makeRelay(
  parts: NetworkParts,
  relay: Relay,
  port: string,
  nic: BridgeNic,
  { uid, signal }: Pick<AttachContext, 'uid' | 'signal'>,
): Promise<void> {
  const { commands, names } = parts;
  await removeRelay(commands, relay, signal);
  const links = [
    `link add dev ${relay.wire} type veth peer name ${port} netns ${names.netns}`,
    `tuntap add dev ${relay.tap} mode tap user ${uid} vnet_hdr`,
    ...[relay.wire, relay.tap].map((link) => `link set dev ${link} mtu ${nic.mtu} up`),
  ];
  const netns = basename(relay.netns);
  await ipBatch(commands, links, { netns }, signal);
  const input = `${wireLines(relay.wire, relay.tap).join('\n')}\n`;
  await commands.run(['tc', '-n', netns, '-batch', '-'], { input, signal });
}

/** Removes both; what is gone, or whose namespace is gone, is no error. The veth's other end goes with it. */
export async function removeRelay(commands: Commands, relay: Relay, signal: AbortSignal): Promise<void> {
  for (const link of [relay.tap, relay.wire])
    await commands.run(['ip', '-n', basename(relay.netns), 'link', 'del', 'dev', link], {
      signal,
      okCodes: [0, 1, 255],
    });
}
