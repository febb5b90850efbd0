// The networks there are, by their records: found by name, made, removed.
import { DEFAULT_NETWORK_NAMES, IgniteError } from '@ignite/api';
import { findRecord, loadOrMakeRecord, makeRecord } from './made-record.ts';
import { networkLinkName } from '../names.ts';
import { type NetworkOptions, networkParts } from './options.ts';
import type { NetworkFacts, NetworkRequest } from '../port.ts';
import { indexOf, loadRecords, type NetworkRecord } from './record.ts';

export interface NetworkBook {
  list(): Promise<readonly NetworkFacts[]>;
  /** The record by the name that a VM's spec says; the default network's is made where there is none. */
  find(name: string | undefined): Promise<NetworkRecord>;
  create(request: NetworkRequest): Promise<NetworkFacts>;
  /** @param forget removes what the network has on the host */
  remove(name: string, forget: (index: number) => Promise<void>): Promise<NetworkFacts>;
}

/** `ign255n9999t…` has its bytes for this (interface names have 15). */
const MOST_NETWORKS = 999;

const [DEFAULT_NAME = 'bridge'] = DEFAULT_NETWORK_NAMES;

/** The networks of an engine. */
export function createBook(options: NetworkOptions): NetworkBook {
  const factsOf = (record: NetworkRecord): NetworkFacts => ({
    name: indexOf(record) === 0 ? DEFAULT_NAME : record.name,
    nicName: record.name,
    ...(record.uid === undefined ? {} : { uid: record.uid }),
    ...(record.created === undefined ? {} : { created: record.created }),
    link: networkLinkName(options.ordinal, indexOf(record)),
    subnet: record.subnet,
    gateway: record.gateway,
    ...(record.dns === undefined ? {} : { dns: record.dns }),
    mtu: record.mtu,
  });
  const named = async (name: string) =>
    (await loadRecords(options.store)).find((record) => indexOf(record) > 0 && record.name === name);
  return {
    list: async () => {
      const records = await loadRecords(options.store);
      return records.toSorted((a, b) => indexOf(a) - indexOf(b)).map(factsOf);
    },
    find: async (name) => {
      if (name === undefined || DEFAULT_NETWORK_NAMES.includes(name))
        return loadOrMakeRecord(networkParts(options));
      return (await named(name)) ?? missing(name);
    },
    create: async ({ name, uid, created, ...wished }) => {
      if ((await named(name)) !== undefined)
        throw new IgniteError('network/exists', `There is a network ${name} already`);
      // The default network comes first to its range: VMs made later would get it elsewhere otherwise.
      await loadOrMakeRecord(networkParts(options));
      const index = await freeIndex(options);
      const parts = networkParts(options, index);
      return factsOf(await makeRecord(parts, { name, uid, index, created }, wished));
    },
    remove: async (name, forget) => {
      if (DEFAULT_NETWORK_NAMES.includes(name))
        throw new IgniteError(
          'network/default',
          `The network ${name} is the default one; it goes with the last VM`,
        );
      const record = (await named(name)) ?? missing(name);
      await forget(indexOf(record));
      const last = (await findRecord({ ...options, index: indexOf(record) })) ?? record;
      await options.store.remove(last);
      return factsOf(record);
    },
  };
}

function missing(name: string): never {
  throw new IgniteError('network/not-found', `There is no network "${name}"`);
}

async function freeIndex({ store }: NetworkOptions): Promise<number> {
  const taken = new Set((await loadRecords(store)).map(indexOf));
  for (let index = 1; index <= MOST_NETWORKS; index++) if (!taken.has(index)) return index;
  throw new IgniteError('network/too-many', `There are ${MOST_NETWORKS} networks`);
}
