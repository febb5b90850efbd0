// What other rooms see of the network room.
import type { NetworkPolicy } from '@ignite/api';
import type { Claims } from '../state/port.ts';
import type { WishedInterfaces } from './given/annotations.ts';
import type { UserNetworkProgram } from '../supervisor/port.ts';

export type NetworkMode = 'bridge' | 'user' | 'none' | GivenMode;

/** Networks that others make: plugins of CNI, Docker. */
export type GivenMode = 'cni' | 'docker-bridge';

export interface PortMapping {
  /** Absent or 0.0.0.0: all addresses of the host, loopback included. */
  readonly bindAddress?: string;
  /** 0 in a request for `bind`: one is chosen. */
  readonly hostPort: number;
  readonly vmPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/** What was chosen once for a NIC and is kept in the VM's `bound`. */
export type BoundNic = BridgeNic | UserNic | GivenNic;

/** What every NIC has, whatever carries its frames. */
interface NicBasics {
  /** Name of the network: `ign0`, `user`. */
  readonly network: string;
  readonly mac: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  /** The guest's resolvers: the gateway, which forwards queries to the present resolvers of the host. */
  readonly dns: readonly string[];
  readonly mtu: number;
  /** Ports with random host ports filled in. */
  readonly ports: readonly PortMapping[];
}

/** A tap on the bridge of one of the engine's networks. */
export interface BridgeNic extends NicBasics {
  readonly mode: 'bridge';
  /** Number of a network that was made; absent: the default one. The names on the host follow from it. */
  readonly networkIndex?: number;
}

/** A network of the VM's own that needs no privilege: its connections are sockets of a program on the host. */
export interface UserNic extends NicBasics {
  readonly mode: 'user';
  /** `qemu`: QEMU's own user network, which cannot keep the guest from the host's services. */
  readonly backend: 'passt' | 'qemu';
  /** The guest reaches the services of the host at its gateway address, as the user has allowed. */
  readonly hostLoopback: boolean;
}

/** A network that somebody else makes anew at each start, in a namespace of the VM's own. */
export type GivenNic = CniNic | DockerNic;

/** Made by the plugins of a configuration in /etc/cni/net.d. */
export interface CniNic extends GivenBasics {
  readonly mode: 'cni';
  /** The configuration that the user named; absent: the first at each start. */
  readonly configuration?: string;
  /** Plugins know the VM as PREFIX-UID; absent: ignite. */
  readonly idPrefix?: string;
}

/** On Docker's default bridge. */
export interface DockerNic extends GivenBasics {
  readonly mode: 'docker-bridge';
}

interface GivenBasics {
  /** `cni`, `cni:NAME`, `docker-bridge`. */
  readonly network: string;
  /** Ports with random host ports filled in. */
  readonly ports: readonly PortMapping[];
  /** What the start gave, in the order in which the guest sees it; absent while nothing is attached. */
  readonly given?: readonly GivenInterface[];
}

/** One interface as the guest has it. */
export interface GuestInterface {
  readonly mac: string;
  readonly mtu: number;
  /** Absent: the guest's interface is brought up without one. */
  readonly address?: string;
  readonly prefixLength?: number;
  /** Besides `address`, with their prefix lengths: more of IPv4, all of IPv6. */
  readonly further?: readonly string[];
  /** Absent: the network leads nowhere else. */
  readonly gateway?: string;
  /** Other routes, in the order in which they are made. */
  readonly routes?: readonly GuestRoute[];
  readonly dns: readonly string[];
}

export interface GuestRoute {
  /** CIDR. */
  readonly to: string;
  /** Absent: reached directly. */
  readonly via?: string;
}

/** An interface that was found in the VM's namespace. */
export interface GivenInterface extends GuestInterface {
  /** A guest that asks by DHCP gets its address, too. */
  readonly dhcp?: true;
  /** Its name there: `eth0`. */
  readonly name: string;
}

/** A NIC of another VM; the VM's name is for the message of a collision. */
export type TakenNic = BoundNic & { readonly vmName?: string };

/** A NIC ready for a VMM. */
export type AttachedNic = TapNic | GivenTaps | ProgramNic | BuiltInNic;

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
  /** Path of the network namespace the tap is in. */
  readonly netns: string;
  /** Tap device inside that namespace, owned by the VM's uid. A VMM opens it with IFF_VNET_HDR. */
  readonly tap: string;
  readonly bound: BridgeNic;
}

/** Taps of a namespace that was made for this VM alone, one for each interface given there. */
export interface GivenTaps {
  readonly kind: 'given';
  /** Path of the network namespace the supervisor joins. */
  readonly netns: string;
  /** Tap devices owned by the VM's uid, in the guest's order; they carry the interfaces' own MACs. */
  readonly taps: readonly { readonly tap: string; readonly mac: string; readonly mtu: number }[];
  /** With what was given: the caller keeps it until `detach`. */
  readonly bound: GivenNic;
}

/** Which NIC of which VM: the tap's name follows from it. */
export interface NicPlace {
  readonly slot: number;
  /** Index of the NIC in its VM; absent: the first. */
  readonly nic?: number;
  /** Path of the namespace in which the VMM opens all its taps; absent: each in its network's. */
  readonly joined?: string;
}

export interface AttachContext extends NicPlace {
  readonly vmUid: string;
  readonly vmName: string;
  /** What the VM may begin; absent: as `lan`. */
  readonly policy?: VmPolicy;
  /** uid that opens the tap. */
  readonly uid: number;
  /** For networks made by others: interfaces that the VM's annotations name. */
  readonly interfaces?: WishedInterfaces;
  /**
   * A port on which a program of the host listens is published nevertheless: what comes from elsewhere reaches the VM
   * where rules do that (`bridge`, `cni`). Absent: false.
   */
  readonly ignoreHeldPorts?: boolean;
  /** Claims of the VM: its tap and its rules. The network itself is claimed by its own record. */
  readonly claims: Claims;
  readonly signal: AbortSignal;
}

export interface BindRequest {
  readonly vmUid: string;
  /** Index of the NIC in its VM; absent: the first. */
  readonly nic?: number;
  /** Absent: `defaultMode`. */
  readonly mode?: Exclude<NetworkMode, 'none'>;
  /**
   * For `cni` the name of the configuration, absent: the first. For `bridge` a network that was made; absent, `bridge`
   * or `default`: the default one.
   */
  readonly network?: string;
  /** Absent: a free one. */
  readonly ip?: string;
  /** Absent: one that follows from the VM's UID. */
  readonly mac?: string;
  /** For `cni` only: see `CniNic`. */
  readonly idPrefix?: string;
  /** For `user` only. */
  readonly hostLoopback?: boolean;
  readonly ports: readonly PortMapping[];
  readonly mtu?: number;
}

/** A NIC whose rules `rebuild` puts in. */
export interface PresentNic<Nic extends BoundNic = BoundNic> {
  readonly nic: Nic;
  readonly slot: number;
  /** Index of the NIC in its VM; absent: the first. */
  readonly index?: number;
  /** A process in the namespace of the VM's first NIC: by it a namespace is found whose name was removed. */
  readonly pid?: number;
  readonly vmUid: string;
  readonly vmName?: string;
  readonly policy?: VmPolicy;
}

/** A driver of networks that others make: `cni`, `docker-bridge`. The methods are as those of `Network`. */
export interface GivenNetwork<Nic extends GivenNic> {
  bind(request: BindRequest, taken: readonly TakenNic[], signal: AbortSignal): Promise<Nic>;
  /** Makes everything anew; what an earlier attach left is removed first. */
  attach(nic: Nic, context: AttachContext): Promise<GivenTaps>;
  placeOf(nic: Nic, place: NicPlace): GivenTaps;
  detach(nic: Nic, context: AttachContext): Promise<void>;
  /** Looks at every hop; absent where there is nothing to see. */
  check?(
    nic: Nic,
    context: Pick<AttachContext, 'slot' | 'vmUid'>,
    signal: AbortSignal,
  ): Promise<readonly CheckedHop[]>;
  /** UIDs of the VMs whose place another has. Absent where others look after all of it. */
  look?(nics: readonly PresentNic<Nic>[]): Promise<readonly string[]>;
  observe(
    nic: Nic,
    context: Pick<AttachContext, 'slot' | 'vmUid'>,
    signal: AbortSignal,
  ): Promise<'attached' | 'partial' | 'absent'>;
}

/** What a VM may begin. */
export interface VmPolicy {
  /** Absent: `lan`. */
  readonly preset?: NonNullable<NetworkPolicy['preset']>;
  /** Beyond the preset. */
  readonly allow?: readonly Readonly<NonNullable<NetworkPolicy['allow']>[number]>[];
}

export interface CheckOptions {
  /** `ADDRESS:PORT` of a TCP server beyond the host; absent: its first resolver. */
  readonly target?: string | undefined;
  readonly signal: AbortSignal;
}

/** One hop between a guest and the internet. */
export interface CheckedHop {
  readonly hop: string;
  readonly ok: boolean;
  /** What there is. */
  readonly found: string;
  /** What to do; of a broken one. */
  readonly hint?: string;
}

/** Something on the host with our mark that belongs to nothing. */
export interface NetworkStray {
  readonly kind: 'tap' | 'link' | 'netns' | 'table' | 'rule';
  readonly name: string;
  readonly why: string;
  readonly remove: (signal: AbortSignal) => Promise<void>;
}

/** Something that a policy refused a VM. */
export interface DeniedRow {
  readonly destination: string;
  /** `tcp`, `icmp`, or a number. */
  readonly protocol: string;
  /** Absent for protocols without ports. */
  readonly port?: number;
  /** How often in the last hour. */
  readonly packets: number;
}

/** What a new network is to be; what is absent is chosen. */
export interface NetworkRequest {
  readonly name: string;
  readonly uid: string;
  /** RFC 3339. */
  readonly created: string;
  /** `10.80.0.0/24` */
  readonly subnet?: string;
  /** Resolvers instead of the host's. */
  readonly dns?: readonly string[];
  readonly mtu?: number;
}

/** One network, as it is stored. */
export interface NetworkFacts {
  /** What people call it: `bridge` for the default one. */
  readonly name: string;
  /** What NICs call it. */
  readonly nicName: string;
  /** Absent: the default one. */
  readonly uid?: string;
  readonly created?: string;
  /** Interface of the host with the gateway address. */
  readonly link: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly dns?: readonly string[];
  readonly mtu: number;
}

export interface Network {
  /** Of a VM that names none: what the configuration says, else `bridge` where we are root and `user` where not. */
  readonly defaultMode: Exclude<NetworkMode, 'none'>;
  /**
   * Chooses address, MAC and random ports; touches nothing on the host but, the first time, the network's record.
   * `taken` are the bound NICs of all other VMs; the caller lets one `bind` finish and be stored before the next.
   * @throws IgniteError `network/port-taken`, `network/address-not-local`, `network/subnet-full`, `network/no-subnet`,
   *   `network/needs-root`, `network/port-privileged`, `network/no-user-network`, `network/not-found`,
   *   `network/address-outside`, `network/address-taken`, `network/mac-taken`
   */
  bind(request: BindRequest, taken: readonly TakenNic[], signal: AbortSignal): Promise<BoundNic>;
  /** Idempotent: makes network, tap and rules as bound, claiming each first. Throws `network/port-taken` naming the holder. */
  attach(nic: BoundNic, context: AttachContext): Promise<AttachedNic>;
  /**
   * Where an attached NIC is. A bridge's follows from the names alone; for a user network the host's resolvers and
   * addresses of the moment are looked at.
   * @throws IgniteError `network/no-user-network`
   */
  placeOf(nic: BoundNic, place: NicPlace, signal: AbortSignal): Promise<AttachedNic>;
  /** Idempotent: removes tap and rules of this VM; the network itself stays until `removeAll`. */
  detach(nic: BoundNic, context: AttachContext): Promise<void>;
  /** Whether tap and rules are as bound now. Of a user network nothing is on the host outside of a run: `absent`. */
  observe(
    nic: BoundNic,
    context: NicPlace & Pick<AttachContext, 'vmUid'>,
    signal: AbortSignal,
  ): Promise<'attached' | 'partial' | 'absent'>;
  /**
   * Mends the networks as a whole where the host changed under them: other resolvers, an interface that came up,
   * accepts lost from Docker's or ufw's chains, a table, veth or namespace that was removed. Costs some short programs
   * whatever the number of VMs, and nothing before the first VM of this process; for a timer of some seconds.
   * @returns UIDs of the VMs whose place on a network of others another has, so that they are not reached
   * @param nics of all VMs that run, asked at the moment of the work: from these lost rules are made again. A VM is among
   *   them from before its `attach` is called
   */
  look(nics: () => readonly PresentNic[], signal: AbortSignal): Promise<readonly string[]>;
  /** The VM of an attached NIC is called otherwise from now on: others find it by that name at once. */
  rename(nic: BoundNic, vmName: string): void;
  /** Begins a look unless the last one is younger than two seconds; for a VM that boots, whose guest needs longer. */
  refresh(): void;
  /**
   * Rebuilds our tables from the NICs of all running VMs, at daemon start and on drift (`nics` is called when the work begins),
   * and restores what others removed of the network: addresses, forwarding, accepts in Docker's and ufw's chains. Makes no taps.
   */
  rebuild(nics: () => readonly PresentNic[], signal: AbortSignal): Promise<void>;
  /**
   * Removes everything of ours on the host: namespaces, veths, tables, accepts, switches, the default network's record.
   * Records of networks that were made stay. Taps go with the namespace: detach first what has claims.
   */
  removeAll(signal: AbortSignal): Promise<void>;
  /** Looks at every hop between a NIC and the internet; of CNI, at what is the VM's own. None for other NICs. */
  check(
    nic: BoundNic,
    place: NicPlace & Pick<AttachContext, 'vmUid'>,
    options: CheckOptions,
  ): Promise<readonly CheckedHop[]>;
  /** What was refused a NIC since it was attached: how often, and to where in the last hour. */
  denied(
    nic: BoundNic,
    signal: AbortSignal,
  ): Promise<{ readonly total: number; readonly rows: readonly DeniedRow[] }>;
  /** The networks there are, the default one first once a VM has needed it. */
  list(): Promise<readonly NetworkFacts[]>;
  /**
   * Makes a network: its record; what it needs on the host comes with the first VM.
   * @throws IgniteError `network/exists`, `network/bad-subnet`, `network/subnet-overlaps`, `network/no-subnet`,
   *   `network/needs-root`
   */
  create(request: NetworkRequest): Promise<NetworkFacts>;
  /**
   * Removes a network, from the host as well. The caller has seen that no VM is bound to it.
   * @throws IgniteError `network/not-found`, `network/default`
   */
  remove(name: string): Promise<NetworkFacts>;
}
