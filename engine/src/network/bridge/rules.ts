// The elements of one NIC in our two tables: added, made room for, read back.
import { portTaken } from '../choose-ports.ts';
import { SOURCES } from './bridge-table.ts';
import {
  keysOf,
  type PortEntry,
  parsePortEntries,
  rootElements,
  sourceElement,
  targetOf,
} from './elements.ts';
import { allDone } from '../../work/index.ts';
import { runInside, scriptOf } from './inside.ts';
import { tapName } from '../names.ts';
import { addElements, chainLines, deleteElements } from './nft.ts';
import { NEIGHBOURS } from './neighbour-table.ts';
import { CLOSED, POLICIES } from './policy.ts';
import type { NetworkParts } from './options.ts';
import type { AttachContext, BridgeNic } from '../port.ts';
import { PORTS, PORTS_AT, VMS } from './root-table.ts';

/** The two maps of published ports, and whether their keys name an address. */
export const PORT_MAPS = [
  [PORTS, false],
  [PORTS_AT, true],
] as const;

export type PortMap = typeof PORTS | typeof PORTS_AT;

/** Adds the NIC's elements to the tables; what is there already is no error. */
export async function addRules(parts: NetworkParts, nic: BridgeNic, context: AttachContext): Promise<void> {
  const { commands, names, ordinal } = parts;
  const { signal } = context;
  const inet = { family: 'inet', name: names.table } as const;
  const bridge = { family: 'bridge', name: names.table } as const;
  const { chains, ...elements } = rootElements(nic, context);
  const policies = ([POLICIES, CLOSED] as const).flatMap((set) => addElements(inet, set, elements[set]));
  const chain = chains.flatMap((one) => chainLines(inet, one));
  const outside = ([VMS, PORTS, PORTS_AT] as const).flatMap((set) => addElements(inet, set, elements[set]));
  const source = sourceElement(tapName(ordinal, context.slot, context.nic), nic);
  const inside = [...addElements(bridge, SOURCES, [source]), ...addElements(inet, NEIGHBOURS, [nic.address])];
  await allDone([
    runInside(parts, ['nft', '-f', '-'], { signal, input: scriptOf([...chain, ...inside, ...policies]) }),
    commands.run(['nft', '-f', '-'], { signal, input: scriptOf([...chain, ...outside, ...policies]) }),
  ]);
}

/**
 * Makes room in the port maps: entries that lead elsewhere are another VM's and refused by name; our own with an
 * older VM port are deleted.
 * @throws IgniteError `network/port-taken`
 */
export async function clearOldPorts(parts: NetworkParts, nic: BridgeNic, signal: AbortSignal): Promise<void> {
  const root = { family: 'inet', name: parts.names.table } as const;
  for (const [map, at] of PORT_MAPS) {
    const entries = await portEntries(parts, nic, map, signal);
    for (const { key, port } of keysOf(nic.ports, at)) {
      const entry = entries.find((candidate) => candidate.key === key);
      if (entry === undefined || entry.target === targetOf(nic, port)) continue;
      if (!leadsTo(entry, nic)) throw portTaken(port, `VM ${entry.owner ?? entry.target}`);
      const input = scriptOf(deleteElements(root, map, [key]));
      await parts.commands.run(['nft', '-f', '-'], { signal, input });
    }
  }
}

/** What a port map holds under the NIC's keys, of this NIC or of another. */
export async function portEntries(
  parts: NetworkParts,
  nic: BridgeNic,
  map: PortMap,
  signal: AbortSignal,
): Promise<readonly PortEntry[]> {
  const keys = keysOf(nic.ports, map === PORTS_AT).map(({ key }) => key);
  if (keys.length === 0) return [];
  const question = `get element inet ${parts.names.table} ${map} { ${keys.join(', ')} }`;
  // nft prints those it finds and exits 1 where one is missing.
  const { stdout } = await parts.commands.run(['nft', question], { signal, okCodes: [0, 1] });
  return parsePortEntries(stdout);
}

/** Whether an entry is the NIC's own. */
export function leadsTo(entry: PortEntry, nic: Pick<BridgeNic, 'address'>): boolean {
  return entry.target.startsWith(`${nic.address} . `);
}
