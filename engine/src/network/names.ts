// Every name that the bridge driver gives to something on the host. Each carries the engine's ordinal, and its
// instance id where there is room (interface names have 15 bytes), so that engines share a host (DESIGN D13).

/** Names of one network of one engine. */
export interface NetworkNames {
  /** The veth in the root namespace that has the gateway address: `ign0`, `ign0n3`. */
  readonly link: string;
  /** Mark on `link` (ifalias) by which we know it for ours. */
  readonly alias: string;
  /** Name of the network namespace, below /run/netns. */
  readonly netns: string;
  readonly netnsPath: string;
  /** nftables table: one in the root namespace (inet) for all networks, and in each network's (bridge, inet). */
  readonly table: string;
  /** Comment on rules that we put into tables of others; all networks have the same. */
  readonly mark: string;
}

/** The bridge and the veth's far end, inside the network's own namespace. */
export const BRIDGE = 'bridge';
export const UPLINK = 'uplink';

/**
 * Names for a network of an engine.
 * @param instance the engine's random instance id; its first 8 characters are used
 * @param ordinal the engine's number on this host, 0–255
 * @param index number of the network; 0 is the default one
 */
export function networkNames(instance: string, ordinal: number, index = 0): NetworkNames {
  const short = instance
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 8);
  const link = networkLinkName(ordinal, index);
  const netns = `ignite-${ordinal}-${short}-${link}`;
  return {
    link,
    alias: `ignite ${short} ${ordinal}`,
    netns,
    netnsPath: `/run/netns/${netns}`,
    table: `ignite_${ordinal}_${short}`,
    mark: `ignite-${ordinal}-${short}`,
  };
}

/** Name of the interface that shows a network on the host: `ign0`, and `ign0n3` for the third that was made. */
export function networkLinkName(ordinal: number, index = 0): string {
  return index === 0 ? `ign${ordinal}` : `ign${ordinal}n${index}`;
}

/** Whether an interface shows a network of the engine with that ordinal. */
export function isNetworkLink(link: string, ordinal: number): boolean {
  return new RegExp(`^ign${ordinal}(n[1-9][0-9]*)?$`).test(link);
}

/** Whether a network namespace of that name is of an engine with that ordinal. */
export function carriesOrdinal(netns: string, ordinal: number): boolean {
  return netns.startsWith(`ignite-${ordinal}-`);
}

/** Name of a VM's tap: `ign0t17` for slot 17, `ign0t17n2` for its third NIC. At most 15 bytes for ordinals below 256. */
export function tapName(ordinal: number, slot: number, nic = 0): string {
  return nic === 0 ? `ign${ordinal}t${slot}` : `ign${ordinal}t${slot}n${nic}`;
}

/** Names of a NIC's tap and veth in the namespace that its VMM runs in, where that is not the network's. */
export function relayNames(
  ordinal: number,
  slot: number,
  nic = 0,
): { readonly tap: string; readonly wire: string } {
  return { tap: `ign${ordinal}r${slot}n${nic}`, wire: `ign${ordinal}v${slot}n${nic}` };
}
