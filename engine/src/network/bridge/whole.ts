// Networks as a whole: made, repaired, rebuilt, removed. Every step looks first, and all of them may be repeated.
import { bridgeTable } from './bridge-table.ts';
import { type MadeFor } from './drift.ts';
import { allNeighbourElements, allRootElements, type OwnedNic, sourceElement } from './elements.ts';
import { closedInterfaces, closeForwarding, hostForwards, openForwarding } from './forwarding.ts';
import { ensureAccepts, removeAccepts } from '../foreign-accepts.ts';
import { addressedInterfaces } from '../host-look.ts';
import { runInside } from './inside.ts';
import { ensureLinks, openGateway, removeLinks } from './links.ts';
import { findRecord, loadOrMakeRecord } from './made-record.ts';
import { isNetworkLink, tapName } from '../names.ts';
import { neighbourTable } from './neighbour-table.ts';
import { nftDeleteScript, nftReplaceScript, nftScript, type NftTable } from './nft.ts';
import { type NetworkOptions, type NetworkParts, networkParts } from './options.ts';
import type { BridgeNic, PresentNic } from '../port.ts';
import { indexOf, loadRecords, type NetworkRecord } from './record.ts';
import { explained } from '../refusals.ts';
import { hostResolvers } from '../resolvers.ts';
import { canAnswerItself } from './own-resolver.ts';
import { rootTable } from './root-table.ts';

/** Which networks to work on. */
interface Selection {
  /** Numbers of the networks that are made or repaired. */
  readonly make: readonly number[];
  /** Numbers of those that this process has made; they keep their place in the table. Of no other one a VM runs. */
  readonly live: readonly number[];
}

type PresentBridgeNic = PresentNic<BridgeNic>;

/**
 * Makes or repairs networks.
 * @param nics absent: elements of VMs in existing tables stay; given: the tables hold what these need, and no more
 * @throws IgniteError `network/not-made` with the program's refusal as cause, `network/name-taken`
 */
export async function makeNetworks(
  options: NetworkOptions,
  { make, live }: Selection,
  nics?: readonly PresentBridgeNic[],
): Promise<MadeFor> {
  const all = make.map((index) => networkParts(options, index));
  try {
    const resolvers = await hostResolvers(options.readText);
    const made: { readonly parts: NetworkParts; readonly record: NetworkRecord }[] = [];
    for (const parts of all) {
      const record = await rememberOpened(parts, await loadOrMakeRecord(parts));
      await ensureLinks(parts, record, pidIn(parts.index, nics));
      await loadInnerTables(parts, record, { nics, isFresh: !live.includes(parts.index) });
      made.push({ parts, record });
    }
    // The tables come before addresses and switches: from its first packet on, a guest meets them.
    const isFresh = live.length === 0;
    await loadRootTable(options, [...make, ...live], resolvers, { nics, isFresh });
    for (const { parts, record } of made) {
      await openForwarding(options.commands, parts.names.link, record.opened.interfaces);
      await openGateway(options.commands, parts.names, record);
    }
    await ensureAccepts(
      options.commands,
      all.map(({ names }) => names),
    );
    return { resolvers };
  } catch (cause) {
    throw explained(cause, `The network ${all.map(({ names }) => names.link).join(', ')}`);
  }
}

/** A process in the network's namespace: of a VM whose first NIC is there. */
function pidIn(index: number, nics: readonly PresentBridgeNic[] | undefined): number | undefined {
  return nics?.find(
    ({ nic, pid, index: at = 0 }) => (nic.networkIndex ?? 0) === index && pid !== undefined && at === 0,
  )?.pid;
}

/** Records which interfaces are about to be opened, in addition to those opened before in this boot. */
async function rememberOpened(parts: NetworkParts, record: NetworkRecord): Promise<NetworkRecord> {
  const { commands, bootId, ordinal } = parts;
  const before = record.opened.bootId === bootId ? record.opened.interfaces : [];
  // Forwarding of the whole host is somebody else's decision, made before us or since.
  const interfaces = (await hostForwards(commands))
    ? []
    : [
        ...new Set([
          ...before,
          ...(await closedInterfaces(commands, (link) => isNetworkLink(link, ordinal))),
        ]),
      ];
  if (bootId === record.opened.bootId && String(interfaces) === String(record.opened.interfaces))
    return record;
  const next = { ...record, opened: { bootId, interfaces } };
  await parts.store.save(next);
  return next;
}

/** Which elements of VMs a table gets. */
interface Filling {
  /** Absent: what it holds stays. */
  readonly nics: readonly PresentBridgeNic[] | undefined;
  /** No VM that runs has elements in it, so that it holds all there are, however it came to be. */
  readonly isFresh: boolean;
}

async function loadInnerTables(
  parts: NetworkParts,
  record: NetworkRecord,
  { nics, isFresh }: Filling,
): Promise<void> {
  const { names, ordinal, index } = parts;
  const here = nics?.filter(({ nic }) => (nic.networkIndex ?? 0) === index);
  const sources = here?.map(({ nic, slot, index: at }) => sourceElement(tapName(ordinal, slot, at), nic));
  const isWhole = isFresh || nics !== undefined;
  const bridge = bridgeTable(names.table, record.gateway, isWhole, sources && [...new Set(sources)]);
  const between = neighbourTable(names.table, record, here && allNeighbourElements(here.map(ownedNic)));
  await runInside(parts, ['nft', '-f', '-'], {
    input: `${scriptFor(bridge, nics)}${scriptFor(between, nics)}`,
  });
}

/** The one table outside, for the networks with these numbers. */
async function loadRootTable(
  options: NetworkOptions,
  indexes: readonly number[],
  resolvers: readonly string[],
  { nics, isFresh }: Filling,
): Promise<void> {
  const records = (await loadRecords(options.store)).filter((record) => indexes.includes(indexOf(record)));
  const root = rootTable({
    table: networkParts(options).names.table,
    networks: records.map((record) => ({
      link: networkParts(options, indexOf(record)).names.link,
      subnet: record.subnet,
      gateway: record.gateway,
      ...(record.dns === undefined ? {} : { resolvers: record.dns }),
    })),
    opened: [...new Set(records.flatMap(({ opened }) => openedNow(options, opened)))],
    resolvers,
    isWhole: isFresh || nics !== undefined,
    ownResolver: options.nameService !== undefined && (await canAnswerItself(options.commands)),
    ...(nics === undefined ? {} : { elements: allRootElements(nics.map(ownedNic)) }),
  });
  await options.commands.run(['nft', '-f', '-'], { input: scriptFor(root, nics) });
}

function openedNow({ bootId }: NetworkOptions, opened: NetworkRecord['opened']): readonly string[] {
  return opened.bootId === bootId ? opened.interfaces : [];
}

function scriptFor(table: NftTable, nics: readonly PresentBridgeNic[] | undefined): string {
  return nics === undefined ? nftScript(table) : nftReplaceScript(table);
}

function ownedNic({ nic, vmUid, vmName, policy }: PresentBridgeNic): OwnedNic {
  return { nic, owner: { vmUid, vmName, policy } };
}

/**
 * Removes what one network has on the host; what is gone already is no error.
 * @param live numbers of the networks that stay; with none, the table goes, too
 */
export async function removeNetwork(parts: NetworkParts, live: readonly number[]): Promise<void> {
  const { commands, names } = parts;
  const [heir] = live;
  const record = await findRecord(parts);
  await removeAccepts(commands, names);
  if (record !== undefined && heir !== undefined) await handOver(parts, record, heir);
  else if (record !== undefined) await closeOpened(parts, record);
  await removeLinks(commands, names);
  if (heir === undefined)
    await commands.run(['nft', '-f', '-'], { input: nftDeleteScript({ family: 'inet', name: names.table }) });
  else {
    const resolvers = await hostResolvers(parts.readText);
    await loadRootTable(parts, live, resolvers, { nics: undefined, isFresh: false });
  }
}

/** The switches stay as another network needs them; its removal puts them back. */
async function handOver(parts: NetworkParts, record: NetworkRecord, heir: number): Promise<void> {
  const next = await findRecord({ ...parts, index: heir });
  const { bootId } = parts;
  const interfaces = openedNow(parts, record.opened);
  if (next === undefined || interfaces.length === 0) return;
  const all = [...new Set([...openedNow(parts, next.opened), ...interfaces])];
  await parts.store.save({ ...next, opened: { bootId, interfaces: all } });
  await parts.store.save({ ...record, opened: { bootId, interfaces: [] } });
}

/** Puts back the switches that we turned in this boot. */
async function closeOpened(parts: NetworkParts, record: NetworkRecord): Promise<void> {
  const { commands, bootId } = parts;
  const interfaces = openedNow(parts, record.opened);
  if (interfaces.length === 0) return;
  if (!(await hostForwards(commands))) {
    const present = new Set((await addressedInterfaces(commands)).map(({ name }) => name));
    await closeForwarding(
      commands,
      interfaces.filter((name) => present.has(name)),
    );
  }
  await parts.store.save({ ...record, opened: { bootId, interfaces: [] } });
}
