// What other rooms see of the VMM drivers.
import type { Duplex } from 'node:stream';
import type { Report } from '@ignite/api';
import type { DiskFormat } from '../disks/port.ts';
import type { LaunchDescriptor, LaunchJail } from '../supervisor/port.ts';
import type { KernelRecord } from '../kernels/port.ts';
import type { PortMapping } from '../network/port.ts';

export type VmmName = 'firecracker' | 'cloud-hypervisor' | 'qemu';
export type Accelerator = 'kvm' | 'tcg';

/** What a driver can do; the choice passes over drivers that lack what a spec asks (D8). */
export interface VmmCapabilities {
  readonly diskFormats: readonly DiskFormat[];
  readonly pause: boolean;
  readonly poweroffByAcpi: boolean;
  /** A reset of its guest begins a new boot in the same process: every guest ends by power-off. */
  readonly resetGoesOn?: boolean;
  /** Whether it can ask a guest without an agent to end. */
  readonly powerButton: boolean;
  readonly maxCpus: number;
  /** Caps what all drives of a VM do together; absent: it cannot. */
  readonly diskLimits?: boolean;
  /** Caps what passes a NIC by itself; absent: rules on the NIC's tap do. */
  readonly nicLimits?: boolean;
  /** It opens all its taps in the namespace that it runs in. */
  readonly oneNamespace?: boolean;
  /** What may carry a NIC's frames. */
  readonly nics: readonly LaunchNic['kind'][];
  readonly accelerators: readonly Accelerator[];
  /** What carries the guest's facts and link. */
  readonly channels: 'ports' | 'vsock';
  /** Shares folders of the host; absent: it cannot. */
  readonly folders?: boolean;
}

/** What the host offers to a driver now. */
export interface VmmProbe {
  readonly usable: boolean;
  readonly program?: VmmProgram;
  readonly accelerator?: Accelerator;
  /** Why not usable, or why not KVM: a sentence with what to do. */
  readonly reason?: string;
}

/** A VMM that was found on the host. */
export interface VmmProgram {
  /** Absolute path. */
  readonly binary: string;
  readonly version: string;
  /** Absolute path of the program that jails it, where it has its own. */
  readonly jailer?: string;
  /** Folders and files that it loads while it runs; a jail holds them read-only. */
  readonly runtime: readonly RuntimePath[];
  /** Whether it may shut itself in by Landlock on this host. */
  readonly landlock?: boolean;
  /** Rate of the host's time stamp counter, kHz, for guests that are emulated. */
  readonly tscKhz?: number;
}

/** `source` is no link; `target` is the name under which the program looks for it. */
export interface RuntimePath {
  readonly source: string;
  readonly target: string;
}

export interface ProbeInput {
  readonly vmlinux?: string;
  readonly report?: Report;
}

/** A drive by its fixed index; the guest finds it by serial `ign<index>`. */
export interface LaunchDrive {
  readonly index: number;
  readonly path: string;
  readonly format: DiskFormat;
  readonly readOnly: boolean;
  /** `path` is a block device of the host, not a file. */
  readonly device?: boolean;
  /** The file below it, under the name that its header has. */
  readonly backing?: string;
  /** It is every VM's and read at boot: where each drive has a cap of its own, this one has none. */
  readonly shared?: boolean;
}

/** A folder of the host that the guest mounts by its tag (virtiofs). */
export interface LaunchFolder {
  readonly tag: string;
  readonly source: string;
  /** An empty folder of the run, where the program that serves it sees it. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** Caps on all drives together; absent: none. */
export interface DiskLimits {
  /** Reads and writes a second. */
  readonly iops?: number;
  readonly bytesPerSecond?: number;
}

/** A NIC by what carries its frames. */
export type LaunchNic = {
  readonly mac: string;
  readonly mtu: number;
  /** Cap in each direction; only for drivers that can. */
  readonly bytesPerSecond?: number;
} /** `netns`: the namespace it is in, where that is not the one the VMM runs in. */ & (
  | { readonly kind: 'tap'; readonly tap: string; readonly netns?: string }
  /** A stream socket to the supervisor's user network. */
  | { readonly kind: 'stream' }
  /** The VMM's own user network. */
  | ({ readonly kind: 'built-in' } & BuiltInNetwork)
);

/** What a VMM's own user network is made of: IPv4 addresses as the guest sees them, and published ports. */
export interface BuiltInNetwork {
  /** `10.0.2.0/24` */
  readonly subnet: string;
  readonly address: string;
  readonly gateway: string;
  readonly dns: string;
  readonly ports: readonly PortMapping[];
}

export interface LaunchRequest {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly kernel: Pick<KernelRecord, 'vmlinux' | 'architecture' | 'features'>;
  readonly initrd: string;
  /** Extra words of the user's; the driver adds its own console and reboot words. */
  readonly cmdLine: string;
  readonly drives: readonly LaunchDrive[];
  readonly nics: readonly LaunchNic[];
  readonly accelerator: Accelerator;
  /** UUID of the machine, kept in `bound`. */
  readonly uuid: string;
  /** Only for drivers that can. */
  readonly diskLimits?: DiskLimits;
  /** Where the VMM's own view of files is mounted, and whom it runs as; absent: an ordinary user's, without a jail. */
  readonly jail?: { readonly root: string; readonly uid: number };
  /** Only for drivers that can. */
  readonly folders?: readonly LaunchFolder[];
  /** What the guest may ask its VMM about itself, where it answers; a JSON object of at most METADATA_BYTES. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Bound of a VM's metadata as JSON; Firecracker takes 51200 bytes. */
export const METADATA_BYTES = 48_000;

/** A pure function's answer: what ignite-spawn must execute. */
export interface LaunchPlan {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly descriptors: readonly LaunchDescriptor[];
  readonly jail?: LaunchJail;
  /** Which machine it makes, where it makes several. */
  readonly machine?: string;
}

/** The running VMM's control connection (QMP, a REST socket). */
export interface VmmControl extends AsyncDisposable {
  /** Asks the guest to power off as a button would. */
  powerButton(signal: AbortSignal): Promise<void>;
  pause(signal: AbortSignal): Promise<void>;
  resume(signal: AbortSignal): Promise<void>;
  /** Makes a drive larger while the guest runs: the file behind it, and what the guest sees. */
  resizeDrive(index: number, bytes: number, signal: AbortSignal): Promise<void>;
  /** Changes the caps of a VM that was started with some; absent: the VMM cannot while it runs. */
  limitDisks?(limits: DiskLimits, signal: AbortSignal): Promise<void>;
  /** Changes the cap of each NIC, in their order; undefined or 0: none. Absent: rules on the taps do. */
  limitNics?(bytesPerSecond: readonly (number | undefined)[], signal: AbortSignal): Promise<void>;
  state(signal: AbortSignal): Promise<VmmState>;
  /** Calls back when the state may have changed; never for a VMM without events. Returns the function that unsubscribes. */
  onChange(listener: () => void): () => void;
  /** Has the VMM report to its supervisor what it counted since the last report; absent: it cannot. */
  tellCounters?(signal: AbortSignal): Promise<void>;
  /** Bytes its guest has read and written since the VMM began; absent where the VMM does not count. */
  diskUse?(signal: AbortSignal): Promise<{ readonly read: number; readonly written: number }>;
  /** Settles when the connection is over. */
  readonly closed: Promise<void>;
}

/** What a VMM says of itself. */
export interface VmmState {
  readonly paused: boolean;
  /** Paused because the host had no room for what its guest wrote. */
  readonly diskFull?: boolean;
  /** Whether something in the guest holds its end of the link open; absent where the VMM does not know. */
  readonly linkOpen?: boolean;
}

export interface VmmDriver {
  readonly name: VmmName;
  readonly capabilities: VmmCapabilities;
  /**
   * Looks at the host: binary, version, KVM verdict (cached per boot id).
   * @param input a kernel to try KVM with; without it an untried KVM is not trusted
   */
  probe(input: ProbeInput, signal: AbortSignal): Promise<VmmProbe>;
  plan(program: VmmProgram, request: LaunchRequest): LaunchPlan;
  /** The serial a drive has in the guest, where the driver cannot choose it. */
  serialOf?(path: string): Promise<string>;
  /** Speaks to a running VMM over the supervisor's `vmm` channel. */
  control(channel: Duplex, signal: AbortSignal): Promise<VmmControl>;
}
