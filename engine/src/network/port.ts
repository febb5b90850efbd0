// What other rooms see of the network room.
import type { Claims } from '../state/port.ts';

export type NetworkMode = 'bridge' | 'none';

export interface PortMapping {
  /** Absent or 0.0.0.0: all addresses of the host, loopback included. */
  readonly bindAddress?: string;
  /** 0 in a request for `bind`: one is chosen. */
  readonly hostPort: number;
  readonly vmPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/** What was chosen once for a NIC and is kept in the VM's `bound`. */
export interface BoundNic {
  readonly mode: 'bridge';
  /** Name of the network, `ign0`. */
  readonly network: string;
  readonly mac: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  /** What the guest is told; the gateway, which passes questions on to the host's resolvers of the moment. */
  readonly dns: readonly string[];
  readonly mtu: number;
  /** Ports with random host ports filled in. */
  readonly ports: readonly PortMapping[];
}

/** A NIC of another VM; with its name a collision can be told by it. */
export interface TakenNic extends BoundNic {
  readonly vmName?: string;
}

/** A NIC ready for a VMM. */
export interface AttachedNic {
  /** Path of the network namespace the supervisor joins. */
  readonly netns: string;
  /** Tap device inside that namespace, owned by the VM's uid. A VMM opens it with IFF_VNET_HDR. */
  readonly tap: string;
  readonly bound: BoundNic;
}

export interface AttachContext {
  readonly slot: number;
  readonly vmUid: string;
  readonly vmName: string;
  /** uid that opens the tap. */
  readonly uid: number;
  /** Claims of the VM: its tap and its rules. The network itself is claimed by its own record. */
  readonly claims: Claims;
  readonly signal: AbortSignal;
}

/** A NIC whose rules `rebuild` puts in. */
export interface PresentNic {
  readonly nic: BoundNic;
  readonly slot: number;
  readonly vmUid: string;
  readonly vmName?: string;
}

export interface Network {
  /**
   * Chooses address, MAC and random ports; touches nothing on the host but, the first time, the network's record.
   * `taken` are the bound NICs of all other VMs; the caller lets one `bind` finish and be stored before the next.
   * @throws IgniteError `network/port-taken`, `network/address-not-local`, `network/subnet-full`, `network/no-subnet`
   */
  bind(
    request: { readonly vmUid: string; readonly ports: readonly PortMapping[]; readonly mtu?: number },
    taken: readonly TakenNic[],
    signal: AbortSignal,
  ): Promise<BoundNic>;
  /** Idempotent: makes network, tap and rules as bound, claiming each first. Throws `network/port-taken` naming the holder. */
  attach(nic: BoundNic, context: AttachContext): Promise<AttachedNic>;
  /** Where an attached NIC is. Follows from the names alone: nothing is looked at, and it costs nothing. */
  placeOf(nic: BoundNic, slot: number): AttachedNic;
  /** Idempotent: removes tap and rules of this VM; the network itself stays until `removeAll`. */
  detach(nic: BoundNic, context: AttachContext): Promise<void>;
  /** Whether tap and rules are as bound now. */
  observe(
    nic: BoundNic,
    context: Pick<AttachContext, 'slot' | 'vmUid'>,
    signal: AbortSignal,
  ): Promise<'attached' | 'partial' | 'absent'>;
  /**
   * Mends the network as a whole where the host changed under it: other resolvers, an interface that came up, accepts
   * lost from Docker's or ufw's chains. Costs some short programs whatever the number of VMs, and nothing before the
   * first VM of this process; for a timer of some seconds. `attach` begins one now and then by itself, and waits only
   * for the first of this process.
   */
  look(signal: AbortSignal): Promise<void>;
  /**
   * Rebuilds our tables from the given NICs, at daemon start and on drift, and mends what others removed of the
   * network: addresses, forwarding, accepts in Docker's and ufw's chains. Makes no taps.
   */
  rebuild(nics: readonly PresentNic[], signal: AbortSignal): Promise<void>;
  /**
   * Removes everything of ours on the host: namespace, veth, tables, accepts, switches, record. For `system
   * uninstall` and the last VM of a test. Taps go with the namespace: detach first what has claims.
   */
  removeAll(signal: AbortSignal): Promise<void>;
}
