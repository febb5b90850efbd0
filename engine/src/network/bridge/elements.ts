// What one NIC contributes to the sets of our tables. Pure.
import { type NeighbourElements, NEIGHBOURS } from './neighbour-table.ts';
import { CLOSED, closedElements, POLICIES, policyChains, policyElements } from './policy.ts';
import { PORTS, PORTS_AT, type RootElements, VMS } from './root-table.ts';
import { bindAddressOf, portsCollide } from '../ports.ts';
import type { BridgeNic, PortMapping, VmPolicy } from '../port.ts';

/** Whose a NIC is, for the comments of elements: the error for a taken port names its holder by them. */
interface Owner {
  readonly vmUid: string;
  readonly vmName?: string | undefined;
  readonly policy?: VmPolicy | undefined;
}

/** Elements of the root table for one NIC. */
export function rootElements(nic: BridgeNic, owner: Owner): RootElements {
  const comment = commentOf(owner);
  return {
    [VMS]: [`${nic.address} ${comment}`],
    [PORTS]: keysOf(nic.ports, false).map(({ key, port }) => `${key} ${comment} : ${targetOf(nic, port)}`),
    [PORTS_AT]: keysOf(nic.ports, true).map(({ key, port }) => `${key} ${comment} : ${targetOf(nic, port)}`),
    ...policyOf(nic, owner),
  };
}

/** Elements and chain of the table between neighbours for one NIC. */
function neighbourElements(nic: BridgeNic, owner: Owner): NeighbourElements {
  return { [NEIGHBOURS]: [nic.address], ...policyOf(nic, owner) };
}

function policyOf(nic: BridgeNic, { policy }: Owner) {
  return {
    [POLICIES]: policyElements(nic, policy),
    [CLOSED]: closedElements(nic, policy),
    chains: policyChains(nic, policy),
  };
}

/** Elements of the table between neighbours for many NICs. */
export function allNeighbourElements(nics: readonly OwnedNic[]): NeighbourElements {
  const byAddress = new Map(nics.map((one) => [one.nic.address, neighbourElements(one.nic, one.owner)]));
  const all = [...byAddress.values()];
  return {
    [NEIGHBOURS]: [...byAddress.keys()],
    [POLICIES]: all.flatMap((one) => one[POLICIES]),
    [CLOSED]: all.flatMap((one) => one[CLOSED]),
    chains: all.flatMap(({ chains }) => chains),
  };
}

/** A NIC with whom it belongs to. */
export interface OwnedNic {
  readonly nic: BridgeNic;
  readonly owner: Owner;
}

/**
 * Elements of the root table for many NICs. Where two publish the same port the first keeps it: one VM's mistake
 * must not make the whole table fail.
 */
export function allRootElements(nics: readonly OwnedNic[]): RootElements {
  const held = new Map<string, PortMapping[]>();
  const merged = { [VMS]: new Map<string, string>(), [PORTS]: [] as string[], [PORTS_AT]: [] as string[] };
  for (const { nic, owner } of nics) {
    const ports = nic.ports.filter((port) => claimPort(held, port));
    const elements = rootElements({ ...nic, ports }, owner);
    merged[VMS].set(nic.address, elements[VMS][0] ?? nic.address);
    merged[PORTS].push(...elements[PORTS]);
    merged[PORTS_AT].push(...elements[PORTS_AT]);
  }
  const { [NEIGHBOURS]: _vms, ...policies } = allNeighbourElements(nics);
  return { ...merged, [VMS]: [...merged[VMS].values()], ...policies };
}

function claimPort(held: Map<string, PortMapping[]>, port: PortMapping): boolean {
  const key = `${port.protocol} ${port.hostPort}`;
  const others = held.get(key) ?? [];
  if (others.some((other) => portsCollide(other, port))) return false;
  held.set(key, [...others, port]);
  return true;
}

/** The element of the bridge table for one NIC on a tap. */
export function sourceElement(tap: string, nic: Pick<BridgeNic, 'mac' | 'address'>): string {
  return `"${tap}" . ${nic.mac} . ${nic.address}`;
}

/** Keys of the ports published on all addresses (`at` false) or on one (`at` true), as nft prints and takes them. */
export function keysOf(
  ports: readonly PortMapping[],
  at: boolean,
): readonly { readonly key: string; readonly port: PortMapping }[] {
  return ports.flatMap((port) => {
    const address = bindAddressOf(port);
    if ((address !== undefined) !== at) return [];
    const key = `${port.protocol} . ${port.hostPort}`;
    return [{ key: address === undefined ? key : `${address} . ${key}`, port }];
  });
}

/** Where a published port leads, as nft prints it. */
export function targetOf(nic: Pick<BridgeNic, 'address'>, port: Pick<PortMapping, 'vmPort'>): string {
  return `${nic.address} . ${port.vmPort}`;
}

/** One entry of a port map, read back. */
export interface PortEntry {
  readonly key: string;
  /** Address of the VM that has it, and its port there. */
  readonly target: string;
  /** The owner's name or uid. */
  readonly owner: string | undefined;
}

const ENTRY =
  /((?:\d+\.\d+\.\d+\.\d+ \. )?(?:tcp|udp) \. \d+)(?: comment "([^"]*)")? : (\d+\.\d+\.\d+\.\d+ \. \d+)(?: comment "([^"]*)")?/g;

/** Entries of port maps out of the text of `nft list map` or `nft get element`. */
export function parsePortEntries(text: string): readonly PortEntry[] {
  return [...text.matchAll(ENTRY)].flatMap(([, key, early, target, late]) =>
    key === undefined || target === undefined ? [] : [{ key, target, owner: early ?? late }],
  );
}

/** nft comments hold at most 127 bytes and no quotation mark; names and uids are of a smaller alphabet. */
function commentOf(owner: Owner): string {
  const text = (owner.vmName ?? owner.vmUid).replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 120);
  return `comment "${text}"`;
}
