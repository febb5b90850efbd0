// The network as a whole: made, mended, rebuilt, removed. Every step looks first; all of it may run again.
import { IgniteError } from '@ignite/api';
import { gatewayOf, macFor } from './allocate.ts';
import { bridgeTable } from './bridge-table.ts';
import { allRootElements, sourceElement } from './elements.ts';
import { closedInterfaces, closeForwarding, hostForwards, openForwarding } from './forwarding.ts';
import { ensureAccepts, removeAccepts } from './foreign-accepts.ts';
import { addressedInterfaces, routePrefixes, uplinkMtu } from './host-look.ts';
import { formatPrefix, parsePrefix } from './ipv4.ts';
import { ensureLinks, openGateway, removeLinks } from './links.ts';
import { tapName } from './names.ts';
import { nftDeleteScript, nftReplaceScript, nftScript, type NftTable } from './nft.ts';
import type { NetworkParts } from './options.ts';
import type { BridgeNic, PresentNic } from './port.ts';
import { type NetworkRecord, parseRecord } from './record.ts';
import { explained } from './refusals.ts';
import { hostResolvers } from './resolvers.ts';
import { type RootElements, rootTable } from './root-table.ts';
import { chooseSubnet } from './subnet.ts';

/** The stored record; undefined before the first VM. */
export async function loadRecord(parts: NetworkParts): Promise<NetworkRecord | undefined> {
  const stored = await parts.store.load();
  return stored === undefined ? undefined : parseRecord(stored);
}

/**
 * The stored record, made and stored where there is none.
 * @throws IgniteError `network/no-subnet`
 */
export async function loadOrMakeRecord(parts: NetworkParts): Promise<NetworkRecord> {
  const stored = await loadRecord(parts);
  if (stored !== undefined) return stored;
  const resolvers = await hostResolvers(parts.readText);
  const used = [
    ...(await routePrefixes(parts.commands, parts.names.link)),
    ...resolvers.flatMap((server) => parsePrefix(server) ?? []),
  ];
  const subnet = chooseSubnet(used, parts.ordinal);
  if (subnet === undefined)
    throw new IgniteError(
      'network/no-subnet',
      `No private range is free for the network ${parts.names.link}`,
    );
  const record: NetworkRecord = {
    format: 1,
    name: parts.names.link,
    subnet: formatPrefix(subnet),
    gateway: gatewayOf(subnet),
    gatewayMac: macFor([parts.instance, String(parts.ordinal), 'gateway']),
    mtu: await uplinkMtu(parts.commands),
    opened: { bootId: parts.bootId, interfaces: [] },
  };
  await parts.store.save(record);
  return record;
}

/** What a made network was made for; when the host differs from it, the network is made again. */
export interface MadeFor {
  readonly resolvers: readonly string[];
}

/**
 * Makes the network or mends it; elements of VMs in existing tables stay.
 * @throws IgniteError `network/not-made` with the program's refusal as cause, `network/name-taken`
 */
export async function ensureNetwork(parts: NetworkParts): Promise<MadeFor> {
  return makeNetwork(parts, undefined);
}

/** Makes or mends the network and replaces the content of both tables by what the given NICs need. */
export async function rebuildNetwork(
  parts: NetworkParts,
  nics: readonly PresentNic<BridgeNic>[],
): Promise<MadeFor> {
  return makeNetwork(parts, nics);
}

async function makeNetwork(
  parts: NetworkParts,
  nics: readonly PresentNic<BridgeNic>[] | undefined,
): Promise<MadeFor> {
  try {
    const resolvers = await hostResolvers(parts.readText);
    const record = await rememberOpened(parts, await loadOrMakeRecord(parts));
    const { commands, names } = parts;
    await ensureLinks(commands, names, record);
    // The tables come before address and switches: from its first packet on, a guest meets them.
    await loadTables(parts, record, resolvers, nics);
    await openForwarding(commands, names.link, record.opened.interfaces);
    await openGateway(commands, names, record);
    await ensureAccepts(commands, names);
    return { resolvers };
  } catch (cause) {
    throw explained(cause, `The network ${parts.names.link}`);
  }
}

/** Whether the host has other resolvers now, or an interface with an address that does not forward. */
export async function hasDrifted(parts: NetworkParts, made: MadeFor | undefined): Promise<boolean> {
  if (made === undefined || String(made.resolvers) !== String(await hostResolvers(parts.readText)))
    return true;
  const closed = await closedInterfaces(parts.commands, parts.names.link);
  return closed.length > 0 && !(await hostForwards(parts.commands));
}

/** Writes down which interfaces are about to be opened, besides those opened before in this boot. */
async function rememberOpened(parts: NetworkParts, record: NetworkRecord): Promise<NetworkRecord> {
  const { commands, names, bootId } = parts;
  const before = record.opened.bootId === bootId ? record.opened.interfaces : [];
  // Forwarding of the whole host is somebody else's decision, made before us or since.
  const interfaces = (await hostForwards(commands))
    ? []
    : [...new Set([...before, ...(await closedInterfaces(commands, names.link))])];
  if (bootId === record.opened.bootId && String(interfaces) === String(record.opened.interfaces))
    return record;
  const next = { ...record, opened: { bootId, interfaces } };
  await parts.store.save(next);
  return next;
}

async function loadTables(
  parts: NetworkParts,
  record: NetworkRecord,
  resolvers: readonly string[],
  nics: readonly PresentNic<BridgeNic>[] | undefined,
): Promise<void> {
  const { commands, names } = parts;
  const root = rootTable({
    table: names.table,
    link: names.link,
    subnet: record.subnet,
    gateway: record.gateway,
    opened: record.opened.interfaces,
    resolvers,
    ...(nics === undefined ? {} : { elements: elementsOf(nics) }),
  });
  const sources = nics?.map(({ nic, slot }) => sourceElement(tapName(parts.ordinal, slot), nic));
  const script = (table: NftTable) => (nics === undefined ? nftScript(table) : nftReplaceScript(table));
  await Promise.all([
    commands.run(['nft', '-f', '-'], { input: script(root) }),
    commands.run(['nsenter', `--net=${names.netnsPath}`, 'nft', '-f', '-'], {
      input: script(bridgeTable(names.table, sources === undefined ? undefined : [...new Set(sources)])),
    }),
  ]);
}

function elementsOf(nics: readonly PresentNic<BridgeNic>[]): RootElements {
  return allRootElements(nics.map(({ nic, vmUid, vmName }) => ({ nic, owner: { vmUid, vmName } })));
}

/** Removes everything of ours and forgets the record; what is gone already is no error. */
export async function removeNetwork(parts: NetworkParts): Promise<void> {
  const { commands, names } = parts;
  const record = await loadRecord(parts);
  await removeAccepts(commands, names);
  if (record !== undefined && record.opened.bootId === parts.bootId && !(await hostForwards(commands))) {
    const present = new Set((await addressedInterfaces(commands)).map(({ name }) => name));
    await closeForwarding(
      commands,
      record.opened.interfaces.filter((name) => present.has(name)),
    );
  }
  await removeLinks(commands, names);
  await commands.run(['nft', '-f', '-'], { input: nftDeleteScript({ family: 'inet', name: names.table }) });
  await parts.store.remove();
}
