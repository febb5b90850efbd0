// The verbs on networks: the room's own, joined with the VMs that are bound to them.
import { randomBytes } from 'node:crypto';
import { IgniteError, isNetworkName, type NetworkObject } from '@ignite/api';
import { API_VERSION } from '@ignite/api/limits';
import { generateUid } from '@ignite/api/names';
import {
  addressesOf,
  type CheckedHop,
  type DeniedRow,
  type NetworkFacts,
  type NetworkRequest,
  type TakenNic,
} from '../network/index.ts';
import type { Rooms } from './rooms.ts';
import type { VmTable } from './vm-table.ts';
import { notRunning } from './not-running.ts';

type NewNetwork = Omit<NetworkRequest, 'uid' | 'created'>;

/** The hops of one NIC. */
interface CheckedInterface {
  readonly network: string;
  readonly address: string;
  readonly hops: CheckedHop[];
}

/** What others see of networks. Words are exact names or UIDs. */
export interface NetworkVerbs {
  list(): Promise<readonly NetworkObject[]>;
  /** @throws IgniteError `network/not-found` */
  inspect(word: string): Promise<NetworkObject>;
  /** @throws IgniteError `api/invalid-name` and those of the room */
  create(request: NewNetwork): Promise<NetworkObject>;
  /** Every hop between a VM that runs and the internet, for each NIC on a bridge. @throws IgniteError `vm/not-running` */
  check(
    vm: string,
    options: { readonly target?: string | undefined; readonly signal: AbortSignal },
  ): Promise<readonly CheckedInterface[]>;
  /** What the policy of a VM refused it. @throws IgniteError `vm/not-found` */
  denied(
    vm: string,
    signal: AbortSignal,
  ): Promise<{ readonly total: number; readonly items: (DeniedRow & { readonly address: string })[] }>;
  /** @throws IgniteError `network/in-use` naming the VMs, whether they run or not; and those of the room */
  remove(word: string): Promise<NetworkObject>;
}

/** The verbs. @param choose runs work that must not overlap the choice of a VM's addresses */
export function createNetworkVerbs(
  table: VmTable,
  { network, clock }: Pick<Rooms, 'network' | 'clock'>,
  choose: <T>(choice: () => Promise<T>) => Promise<T>,
): NetworkVerbs {
  const describe = (facts: NetworkFacts) => describeNetwork(facts, table);
  const find = async (word: string) => {
    const found = (await network.list()).find(({ name, uid }) => name === word || uid === word);
    if (found === undefined) throw new IgniteError('network/not-found', `There is no network "${word}"`);
    return found;
  };
  return {
    list: async () => (await network.list()).map(describe),
    inspect: async (word) => describe(await find(word)),
    create: async (request) => {
      if (!isNetworkName(request.name))
        throw new IgniteError(
          'network/bad-name',
          `The name "${request.name.slice(0, 80)}" is none for a network`,
        );
      const identity = { uid: generateUid(randomBytes), created: clock.now().toISOString() };
      return describe(await choose(() => network.create({ ...request, ...identity })));
    },
    check: async (word, options) => {
      const vm = table.resolve(word);
      const { bound, metadata } = vm.record;
      if (vm.handle === undefined) throw notRunning(vm);
      const checked: CheckedInterface[] = [];
      const there = await network.list();
      for (const [index, nic] of bound.nics.entries()) {
        const place = { slot: bound.slot, nic: index, vmUid: metadata.uid };
        const hops = await network.check(nic, place, options);
        const [address = ''] = addressesOf(nic);
        const name = there.find((facts) => isOn(nic, facts))?.name ?? nic.network;
        if (hops.length > 0) checked.push({ network: name, address, hops: [...hops] });
      }
      if (checked.length === 0)
        throw new IgniteError('vm/no-network', `${metadata.name} has no interface on a bridge or of CNI`);
      return checked;
    },
    denied: async (word, signal) => {
      const nics = table.resolve(word).record.bound.nics.filter((nic) => nic.mode === 'bridge');
      const seen = await Promise.all(
        nics.map(async (nic) => ({ ...(await network.denied(nic, signal)), address: nic.address })),
      );
      return {
        total: seen.reduce((sum, { total }) => sum + total, 0),
        items: seen.flatMap(({ rows, address }) => rows.map((row) => ({ address, ...row }))),
      };
    },
    remove: (word) =>
      choose(async () => {
        const facts = await find(word);
        const users = table.takenNics().filter((nic) => isOn(nic, facts));
        if (users.length > 0) {
          const names = [...new Set(users.map(({ vmName = 'a VM' }) => vmName))].join(', ');
          throw new IgniteError('network/in-use', `The network ${facts.name} is in use by ${names}`);
        }
        const last = describe(facts);
        await network.remove(facts.name);
        return last;
      }),
  };
}

function isOn(nic: Pick<TakenNic, 'mode' | 'network'>, { nicName }: NetworkFacts): boolean {
  return nic.mode === 'bridge' && nic.network === nicName;
}

function describeNetwork(facts: NetworkFacts, table: VmTable): NetworkObject {
  const { name, uid, created, subnet, mtu, dns, link, gateway } = facts;
  return {
    kind: 'Network',
    apiVersion: API_VERSION,
    metadata: { name, ...(uid === undefined ? {} : { uid }), ...(created === undefined ? {} : { created }) },
    spec: { subnet, mtu, ...(dns === undefined ? {} : { dns: [...dns] }) },
    status: {
      interface: link,
      gateway,
      usedBy: table
        .all()
        .flatMap(({ record: { metadata, bound } }) =>
          bound.nics.flatMap((nic) =>
            nic.mode === 'bridge' && isOn(nic, facts)
              ? [{ uid: metadata.uid, name: metadata.name, address: nic.address, mac: nic.mac }]
              : [],
          ),
        ),
    },
  };
}
