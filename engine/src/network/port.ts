// What other rooms see of the network room.
import type { Claims } from '../state/port.ts';

export type NetworkMode = 'bridge' | 'none';

export interface PortMapping {
  /** Absent: all addresses of the host. */
  readonly bindAddress?: string;
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
  readonly dns: readonly string[];
  readonly mtu: number;
  /** Ports with random host ports filled in. */
  readonly ports: readonly PortMapping[];
}

/** A NIC ready for a VMM. */
export interface AttachedNic {
  /** Path of the network namespace the supervisor joins. */
  readonly netns: string;
  /** Tap device inside that namespace, owned by the VM's uid. */
  readonly tap: string;
  readonly bound: BoundNic;
}

export interface AttachContext {
  readonly slot: number;
  readonly vmUid: string;
  readonly vmName: string;
  /** uid that opens the tap. */
  readonly uid: number;
  readonly claims: Claims;
  readonly signal: AbortSignal;
}

export interface Network {
  /** Chooses address, MAC and random ports; touches nothing on the host. `taken` are the bound NICs of all other VMs. */
  bind(
    request: { readonly vmUid: string; readonly ports: readonly PortMapping[]; readonly mtu?: number },
    taken: readonly BoundNic[],
    signal: AbortSignal,
  ): Promise<BoundNic>;
  /** Idempotent: makes network, tap and rules as bound, claiming each first. Throws `network/port-taken` naming the holder. */
  attach(nic: BoundNic, context: AttachContext): Promise<AttachedNic>;
  /** Idempotent: removes tap and rules of this VM; the network itself stays until `removeAll`. */
  detach(nic: BoundNic, context: AttachContext): Promise<void>;
  /** Whether tap and rules are as bound now. */
  observe(
    nic: BoundNic,
    context: Pick<AttachContext, 'slot' | 'vmUid'>,
    signal: AbortSignal,
  ): Promise<'attached' | 'partial' | 'absent'>;
  /** Rebuilds our table from the given NICs, at daemon start and on drift. */
  rebuild(
    nics: readonly { readonly nic: BoundNic; readonly slot: number; readonly vmUid: string }[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Removes everything of ours on the host: namespaces, veths, table. For `system uninstall` and the last VM of a test. */
  removeAll(signal: AbortSignal): Promise<void>;
}
