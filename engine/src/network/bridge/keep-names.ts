// Keeps the name service up to date: reports networks and NICs as they come and go.
import { DEFAULT_NETWORK_NAMES } from '@ignite/api';
import { createQueue } from '../../host/index.ts';
import type { ZoneEntry } from '../dns/index.ts';
import type { NetworkOptions } from './options.ts';
import type { AttachContext, BridgeNic, PresentNic } from '../port.ts';
import { indexOf, loadRecords, type NetworkRecord } from './record.ts';

/** What the driver says of names. */
interface Names {
  add(nic: BridgeNic, context: Pick<AttachContext, 'vmName'>): void;
  /** Its VM has another name from now on; nothing where it is not there. */
  rename(nic: BridgeNic, vmName: string): void;
  remove(nic: BridgeNic): void;
  /** These are all there are. */
  replace(nics: readonly PresentNic<BridgeNic>[]): void;
  /** Answers on the networks that are there now. */
  listen(): Promise<void>;
}

const [DEFAULT_NAME = 'bridge'] = DEFAULT_NETWORK_NAMES;

/** @param live numbers of the networks that are there */
export function keepNames({ nameService, store }: NetworkOptions, live: () => readonly number[]): Names {
  const entries = new Map<string, ZoneEntry>();
  const queue = createQueue(); // what an earlier call saw must not undo what a later one did
  const tell = () => nameService?.setEntries([...entries.values()]);
  const put = (nic: BridgeNic, vmName: string) =>
    entries.set(nic.address, { vmName, network: nameOf(nic), address: nic.address });
  return {
    add: (nic, { vmName }) => {
      put(nic, vmName);
      tell();
    },
    rename: (nic, vmName) => {
      if (!entries.has(nic.address)) return;
      put(nic, vmName);
      tell();
    },
    remove: (nic) => {
      entries.delete(nic.address);
      tell();
    },
    replace: (nics) => {
      entries.clear();
      for (const { nic, vmName } of nics) if (vmName !== undefined) put(nic, vmName);
      tell();
    },
    listen: () =>
      queue(async () => {
        if (nameService === undefined) return;
        const records = await loadRecords(store);
        const indexes = live();
        await nameService.keep(
          records.filter((record) => indexes.includes(indexOf(record))).map(namedNetwork),
        );
      }),
  };
}

function nameOf({ networkIndex = 0, network }: BridgeNic): string {
  return networkIndex === 0 ? DEFAULT_NAME : network;
}

function namedNetwork(record: NetworkRecord) {
  const { gateway, subnet, dns } = record;
  const name = indexOf(record) === 0 ? DEFAULT_NAME : record.name;
  return { name, gateway, subnet, ...(dns === undefined ? {} : { dns }) };
}
