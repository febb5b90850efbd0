// The `cni` driver: plugins make a network in a namespace of the VM's own, and the guest takes their interface over.
import { createHash } from 'node:crypto';
import { DEFAULTS, isIgniteError } from '@ignite/api';
import { type Commands, createQueue, type Queue } from '../../host/index.ts';
import type { Resource } from '../../state/port.ts';
import { choosePorts, listenersFor, refuseForeignAddresses } from '../choose-ports.ts';
import { markGone } from '../given/claims.ts';
import { handOver, tapsOf } from '../given/hand-over.ts';
import { FIRST } from '../given/interfaces.ts';
import { isJoined } from '../given/redirect.ts';
import { makeSpace, removeSpace, type Space, spaceExists, spaceOf } from '../given/space.ts';
import { refuseHeldPorts } from '../held-ports.ts';
import { networkNames } from '../names.ts';
import type { AttachContext, CniNic, GivenNetwork } from '../port.ts';
import { explained } from '../refusals.ts';
import type { ReadText } from '../resolvers.ts';
import { addNetwork, deleteNetwork, refuseUnfit } from './chain.ts';
import { checkCni } from './check.ts';
import type { NetworkConfiguration } from './configuration.ts';
import { type ConfigurationFolder, findConfiguration } from './folder.ts';
import type { Attachment, PluginHost } from './plugin.ts';
import { closePublished, openPublished } from './published.ts';
import { type CniRecord, type CniStore, portMappingsOf, readRecord } from './record.ts';
import { serversOf } from './result.ts';
import { standIn } from './stand-in.ts';

export interface CniOptions {
  readonly commands: Commands;
  /** The engine's random instance id and its number on this host (format.json). */
  readonly instance: string;
  readonly ordinal: number;
  readonly folder: ConfigurationFolder;
  /** Folders with plugins: `/opt/cni/bin`, `/usr/lib/cni`. */
  readonly plugins: readonly string[];
  /** For one call of one plugin. */
  readonly deadlineMs?: number;
  readonly store: (vmUid: string) => CniStore;
  readonly readText: ReadText;
}

/** Long enough for a DHCP server to answer a plugin. */
const DEADLINE_MS = 60_000;
/** For taking back what an attach made that failed or was cancelled. */
const UNDO_MS = 120_000;

interface Parts extends CniOptions {
  /** One edit of others' rules at a time: a look must not insert again what a concurrent detach has removed. */
  readonly published: Queue;
}

/** Networks of the host's CNI configuration. */
export function createCniNetwork(options: CniOptions): GivenNetwork<CniNic> {
  const parts: Parts = { ...options, published: createQueue() };
  const { commands, folder, instance, ordinal, plugins } = parts;
  const space = (slot: number) => spaceOf(instance, ordinal, slot);
  return {
    bind: async (request, taken, signal) => {
      const { idPrefix, ports, network: name } = request;
      await refuseForeignAddresses(commands, ports, signal);
      await refuseUnfit(plugins, await findConfiguration(folder, name), ports.length > 0);
      const listeners = await listenersFor(commands, ports, signal);
      return {
        mode: 'cni',
        network: name === undefined ? 'cni' : `cni:${name}`,
        ...(name === undefined ? {} : { configuration: name }),
        ...(idPrefix === undefined ? {} : { idPrefix }),
        ports: choosePorts(request, taken, listeners),
      };
    },
    attach: async (nic, context) => {
      await detach(parts, nic, context); // DEL before ADD: a lease that a crash left would refuse this one
      const configuration = await findConfiguration(folder, nic.configuration);
      await refuseUnfit(plugins, configuration, nic.ports.length > 0);
      await refuseHeldPorts(commands, nic.ports, context, networkNames(instance, ordinal).table);
      try {
        return await attach(parts, nic, configuration, context);
      } catch (cause) {
        const undo = { ...context, signal: AbortSignal.timeout(UNDO_MS) };
        await detach(parts, nic, undo).catch(() => {}); // its claims stay for the next look
        throw explained(cause, `The network interface of VM ${context.vmName}`);
      }
    },
    placeOf: (nic, { slot }) => tapsOf(space(slot), nic),
    detach: (nic, context) => detach(parts, nic, context),
    check: async (nic, { slot, vmUid }, signal) => {
      const record = readRecord(await options.store(vmUid).load());
      return checkCni({ commands, host: pluginHost(options), space: space(slot), record }, nic, signal);
    },
    look: async (nics) => {
      const places = nics.map(({ nic, slot }) => ({ nic, space: space(slot) }));
      await parts.published(() => openPublished(commands, places));
      return [];
    },
    observe: async (nic, { slot, vmUid }, signal) => {
      const there = await spaceExists(commands, space(slot), signal);
      const { given } = nic;
      if (there && given !== undefined && (await isJoined(commands, space(slot), given, signal)))
        return 'attached';
      return there || (await options.store(vmUid).load()) !== undefined ? 'partial' : 'absent';
    },
  };
}

async function attach(
  options: Parts,
  nic: CniNic,
  configuration: NetworkConfiguration,
  context: AttachContext,
) {
  const { commands, instance, ordinal, readText } = options;
  const { signal, claims, vmUid } = context;
  const space = spaceOf(instance, ordinal, context.slot);
  const resources = resourcesOf(space, containerIdOf(vmUid, nic));
  for (const resource of resources) await claims.claim(resource);
  const store = options.store(vmUid);
  const record = newRecord(configuration, nic, space, vmUid);
  await store.save(record);
  await makeSpace(commands, space, signal);
  const { result } = await addNetwork(pluginHost(options), record, (next) => store.save(next), signal);
  const network = `The CNI network ${configuration.name}`;
  const given = await handOver({ commands, space, network, dns: serversOf(result), readText }, context);
  const bound = { ...nic, given };
  await options.published(() => openPublished(commands, [{ nic: bound, space }]));
  for (const resource of resources) await claims.made(resource);
  return tapsOf(space, bound);
}

async function detach(options: Parts, nic: CniNic, context: AttachContext): Promise<void> {
  const { commands, instance, ordinal } = options;
  const { vmUid, slot, claims, signal } = context;
  const space = spaceOf(instance, ordinal, slot);
  const resources = resourcesOf(space, containerIdOf(vmUid, nic));
  const store = options.store(vmUid);
  const record = await recordOrStandIn(options, nic, space, context);
  if (record !== undefined)
    await deleteNetwork(pluginHost(options), await standIn(commands, space, record, signal), signal);
  await options.published(() => closePublished(commands, { nic, space }));
  await removeSpace(commands, space, signal);
  await store.remove();
  await markGone(claims, resources);
}

/**
 * The record of the last ADD. One that was claimed and whose record is lost is deleted by today's configuration; without
 * one nobody can be asked, and mostly no plugin has run, as each runs after the record is written.
 */
async function recordOrStandIn(
  { folder, store }: CniOptions,
  nic: CniNic,
  space: Space,
  { vmUid, claims }: AttachContext,
): Promise<CniRecord | undefined> {
  const record = readRecord(await store(vmUid).load());
  if (record !== undefined) return record;
  const [claimed] = resourcesOf(space, containerIdOf(vmUid, nic));
  if (!claims.live().some(({ kind, name }) => kind === claimed.kind && name === claimed.name))
    return undefined;
  try {
    return newRecord(await findConfiguration(folder, nic.configuration), nic, space, vmUid);
  } catch (error) {
    if (isIgniteError(error, 'network/cni-no-configuration')) return undefined;
    throw error;
  }
}

function newRecord(configuration: NetworkConfiguration, nic: CniNic, space: Space, vmUid: string): CniRecord {
  const containerId = containerIdOf(vmUid, nic);
  const attachment: Attachment = { containerId, netns: space.path, interface: FIRST };
  return { format: 1, configuration, attachment, portMappings: portMappingsOf(nic.ports) };
}

/** The original's name for a VM's container, by which scripts find a VM's rules (API-N08). */
function containerIdOf(vmUid: string, { idPrefix = DEFAULTS.idPrefix }: CniNic): string {
  const plain = /^[A-Za-z0-9_.-]{1,64}$/.test(vmUid);
  return `${idPrefix}-${plain ? vmUid : createHash('sha256').update(vmUid).digest('hex').slice(0, 32)}`;
}

function resourcesOf(space: Space, containerId: string): readonly [Resource, Resource] {
  return [
    { kind: 'cni', name: `${containerId}/${FIRST}` },
    { kind: 'netns', name: space.name },
  ];
}

function pluginHost({ commands, plugins, deadlineMs = DEADLINE_MS }: CniOptions): PluginHost {
  return { commands, folders: plugins, deadlineMs };
}
