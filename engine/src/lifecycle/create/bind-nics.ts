// Choosing what the NICs of a VM keep: one after the other, as its spec names them.
import { DEFAULT_NETWORK_NAMES, DEFAULTS, type VmRecord, type VmSpec } from '@ignite/api';
import type { BindRequest, BoundNic, Network, TakenNic } from '../../network/index.ts';
import { storedNic } from '../bound-nics.ts';

type StoredNics = VmRecord['bound']['nics'];
type Wish = Pick<VmSpec['network'], 'name' | 'ip' | 'mac'>;

interface BindNicsInput {
  readonly network: Pick<Network, 'bind'>;
  readonly vmUid: string;
  readonly idPrefix: string;
  /** NICs of all other VMs. */
  readonly taken: readonly TakenNic[];
  /** What the VM has: a NIC that stays on its network keeps address and MAC unless others are named. */
  readonly old?: StoredNics;
  readonly signal: AbortSignal;
}

/** The NICs that a spec asks for; the first has the published ports. @throws IgniteError as `Network.bind` */
export async function bindNics(
  { mode, ports, hostLoopback = false, interfaces = [], ...first }: VmSpec['network'],
  { network, vmUid, idPrefix, taken, old = [], signal }: BindNicsInput,
): Promise<StoredNics> {
  if (mode === 'none') return [];
  const own = { vmUid, mode, ...(idPrefix === DEFAULTS.idPrefix ? {} : { idPrefix }) };
  const requests: BindRequest[] = [
    { ...own, ports, hostLoopback, ...wishOf(first, old[0]) },
    ...interfaces.map((nic, index) => ({ ...own, ports: [], ...wishOf(nic, old[index + 1]) })),
  ];
  const bound: BoundNic[] = [];
  for (const [nic, request] of requests.entries()) {
    const mine = bound.map((other) => ({ ...other, vmName: 'this VM itself' }));
    bound.push(await network.bind({ ...request, nic }, [...taken, ...mine], signal));
  }
  return bound.map(storedNic);
}

/** Network and addresses that the spec names for a NIC, or that it has. */
function wishOf({ name, ip, mac }: Wish, old: StoredNics[number] | undefined) {
  const kept = old?.mode === 'bridge' && isOn(old, name) ? old : undefined;
  const [address, hardware] = [ip ?? kept?.address, mac ?? kept?.mac];
  return {
    ...(name === undefined ? {} : { network: name }),
    ...(address === undefined ? {} : { ip: address }),
    ...(hardware === undefined ? {} : { mac: hardware }),
  };
}

function isOn(nic: Extract<BoundNic, { mode: 'bridge' }>, name: string | undefined): boolean {
  if (name === undefined || DEFAULT_NETWORK_NAMES.includes(name)) return nic.networkIndex === undefined;
  return nic.networkIndex !== undefined && nic.network === name;
}
