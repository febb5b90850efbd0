// Every name that the bridge driver gives to something on the host. Each carries the engine's ordinal, and its
// instance id where there is room (interface names have 15 bytes), so that engines share a host (DESIGN D13).

/** Names of one network of one engine. */
export interface NetworkNames {
  /** The veth in the root namespace that has the gateway address, and the network's name: `ign0`. */
  readonly link: string;
  /** Mark on `link` (ifalias) by which we know it for ours. */
  readonly alias: string;
  /** Name of the network namespace, below /run/netns. */
  readonly netns: string;
  readonly netnsPath: string;
  /** nftables table, in the root namespace (inet) and in the network's (bridge). */
  readonly table: string;
  /** Comment on rules that we put into tables of others. */
  readonly mark: string;
}

/** The bridge and the veth's far end, inside the network's own namespace. */
export const BRIDGE = 'bridge';
export const UPLINK = 'uplink';

/**
 * Names for the network of an engine.
 * @param instance the engine's random instance id; its first 8 characters are used
 * @param ordinal the engine's number on this host, 0–255
 */
export function networkNames(instance: string, ordinal: number): NetworkNames {
  const short = instance
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 8);
  const link = networkLinkName(ordinal);
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

/** Name of the interface that shows an engine's network on the host: `ign0`. */
export function networkLinkName(ordinal: number): string {
  return `ign${ordinal}`;
}

/** Whether a network namespace of that name is of an engine with that ordinal. */
export function carriesOrdinal(netns: string, ordinal: number): boolean {
  return netns.startsWith(`ignite-${ordinal}-`);
}

/** Name of the tap of a VM's first NIC: `ign0t17` for slot 17. At most 15 bytes for ordinals below 256. */
export function tapName(ordinal: number, slot: number): string {
  return `ign${ordinal}t${slot}`;
}
