// What other rooms see of the network room.
import type { Claims } from '../state/port.ts';

import type { UserNetworkProgram } from '../supervisor/port.ts';

export type NetworkMode = 'bridge' | 'user' | 'none';

export interface PortMapping {
  /** Absent or 0.0.0.0: all addresses of the host, loopback included. */
  readonly bindAddress?: string;
  /** 0 in a request for `bind`: one is chosen. */
  readonly hostPort: number;
  readonly vmPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/** What was chosen once for a NIC and is kept in the VM's `bound`. */
export type BoundNic = BridgeNic | UserNic;

/** What every NIC has, whatever carries its frames. */
interface NicBasics {
  /** Name of the network: `ign0`, `user`. */
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

/** A tap on the engine's bridge. */
export interface BridgeNic extends NicBasics {
  readonly mode: 'bridge';
}

/** A network of the VM's own that needs no privilege: its connections are sockets of a program on the host. */
export interface UserNic extends NicBasics {
  readonly mode: 'user';
  /** `qemu`: QEMU's own user network, which cannot keep the guest from the host's services. */
  readonly backend: 'passt' | 'qemu';
  /** The guest reaches the services of the host at its gateway address, as the user has allowed. */
  readonly hostLoopback: boolean;
}

/** A NIC of another VM; with its name a collision can be told by it. */
export type TakenNic = BoundNic & { readonly vmName?: string };

/** A NIC ready for a VMM. */
export type AttachedNic = TapNic | ProgramNic | BuiltInNic;

/** passt carries the frames; the supervisor starts it together with the VMM. */
export interface ProgramNic {
  readonly kind: 'program';
  readonly program: UserNetworkProgram;
  readonly bound: UserNic;
}

/** The VMM's own user network. */
export interface BuiltInNic {
  readonly kind: 'built-in';
  readonly subnet: string;
  readonly bound: UserNic;
}

export interface TapNic {
  readonly kind: 'tap';
  /** Path of the network namespace the supervisor joins. */
  readonly netns: string;
  /** Tap device inside that namespace, owned by the VM's uid. A VMM opens it with IFF_VNET_HDR. */
  readonly tap: string;
  readonly bound: BridgeNic;
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

export interface BindRequest {
  readonly vmUid: string;
  /** Absent: `defaultMode`. */
  readonly mode?: 'bridge' | 'user';
  /** For `user` only. */
  readonly hostLoopback?: boolean;
  readonly ports: readonly PortMapping[];
  readonly mtu?: number;
}

/** A NIC whose rules `rebuild` puts in. */
export interface PresentNic<Nic extends BoundNic = BoundNic> {
  readonly nic: Nic;
  readonly slot: number;
  readonly vmUid: string;
  readonly vmName?: string;
}

export interface Network {
  /** Of a VM that names none: `bridge` where we are root, else `user`. */
  readonly defaultMode: 'bridge' | 'user';
  /**
   * Chooses address, MAC and random ports; touches nothing on the host but, the first time, the network's record.
   * `taken` are the bound NICs of all other VMs; the caller lets one `bind` finish and be stored before the next.
   * @throws IgniteError `network/port-taken`, `network/address-not-local`, `network/subnet-full`, `network/no-subnet`,
   *   `network/needs-root`, `network/port-privileged`, `network/no-user-network`
   */
  bind(request: BindRequest, taken: readonly TakenNic[], signal: AbortSignal): Promise<BoundNic>;
  /** Idempotent: makes network, tap and rules as bound, claiming each first. Throws `network/port-taken` naming the holder. */
  attach(nic: BoundNic, context: AttachContext): Promise<AttachedNic>;
  /**
   * Where an attached NIC is. A bridge's follows from the names alone; for a user network the host's resolvers and
   * addresses of the moment are looked at.
   * @throws IgniteError `network/no-user-network`
   */
  placeOf(nic: BoundNic, slot: number, signal: AbortSignal): Promise<AttachedNic>;
  /** Idempotent: removes tap and rules of this VM; the network itself stays until `removeAll`. */
  detach(nic: BoundNic, context: AttachContext): Promise<void>;
  /** Whether tap and rules are as bound now. Of a user network nothing is on the host outside of a run: `absent`. */
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
