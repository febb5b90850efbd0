// What other rooms see of the guest room: the initrd that carries the configuration in, and the link to the agent.
import type { Duplex } from 'node:stream';
import type { GuestProcesses } from '@ignite/api';
import type { KernelRecord } from '../kernels/port.ts';

/** A mount other than the root: a drive, or a file system that is on none. */
export type GuestMount = { readonly path: string; readonly readOnly: boolean } & (
  | { readonly drive: number }
  | {
      /** As mount(2) takes it: `tmpfs`, `virtiofs`, `9p`. */
      readonly type: string;
      /** The tag of a shared folder. */
      readonly source?: string;
      /** `size=1048576,mode=1777` */
      readonly options?: string;
      readonly exec?: boolean;
    }
);

/** The configuration of ignite-init: TLV records in the initrd's third part (D5). */
export interface GuestConfig {
  readonly mode: 'app' | 'system';
  readonly bootToken: string;
  readonly hostname: string;
  /** 32 hex digits, written to /etc/machine-id where the image's is empty or missing. */
  readonly machineId: string;
  readonly nics: readonly {
    readonly mac: string;
    readonly mtu: number;
    /** Absent: brought up without one. */
    readonly address?: string;
    readonly prefixLength?: number;
    /** Further addresses with their prefix lengths, of IPv6, too. */
    readonly further?: readonly string[];
    /** Absent: no default route. */
    readonly gateway?: string;
    /** Besides the default one, made in this order; without `via` the interface itself leads there. */
    readonly routes?: readonly { readonly to: string; readonly via?: string }[];
  }[];
  readonly dns: readonly string[];
  /** Extra lines of /etc/hosts: `address name`. */
  readonly hosts: readonly { readonly address: string; readonly names: readonly string[] }[];
  /** Index of the root drive (serial `ign0`), the modules drive, and volumes with their mount points. */
  readonly rootDrive: number;
  readonly modulesDrive?: number;
  /** Made in this order. */
  readonly mounts: readonly GuestMount[];
  /** system mode: the init to execute, `/sbin/init`. */
  readonly init?: string;
  /** system mode: which shutdown hook fits. */
  readonly initKind?: 'systemd' | 'openrc' | 'sysv';
  /** app mode. */
  readonly app?: {
    readonly argv: readonly string[];
    readonly env: readonly string[];
    readonly workdir: string;
    /** `user[:group]` as in the image. */
    readonly user: string;
    readonly tty: boolean;
    readonly stdin: boolean;
    readonly stopSignal: string;
  };
  /** Lines for /root/.ssh/authorized_keys. */
  readonly authorizedKeys: readonly string[];
  /** Index of a drive that is a tar of files for the first start. */
  readonly filesDrive?: number;
  /** Files put into the guest at first start. */
  readonly files: readonly {
    readonly path: string;
    readonly mode: number;
    readonly uid: number;
    readonly gid: number;
    /** Of a folder: empty; of a symlink: its target. */
    readonly content: Uint8Array;
    /** Absent: a file. */
    readonly kind?: 'folder' | 'symlink';
  }[];
  /** Seconds since the epoch when the configuration was made: the guest's first clock. */
  readonly time: number;
  /** How the VM must end so that this VMM notices: `reset` (reboot) or `acpi` (power off). */
  readonly powerOff: 'reset' | 'acpi';
  /** What carries facts and link: ports of virtio-serial, or connections over vsock. */
  readonly channels: 'ports' | 'vsock';
  /** Serials of drives that the VMM chose by itself. */
  readonly serials: readonly { readonly drive: number; readonly serial: string }[];
}

export interface ExecRequest {
  /** Exact argv; CLI rule 6 has been applied. */
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly tty?: { readonly rows: number; readonly columns: number; readonly term: string };
  /** Keeps running when the session ends. */
  readonly detached: boolean;
}

/** How a process in the guest ended. */
export interface GuestExit {
  readonly code?: number;
  readonly signal?: number;
  readonly oom: boolean;
}

/** One opened stream to the agent. Back-pressure is the stream's: nothing is buffered beyond the credit window. */
export interface GuestStream {
  /** Data to the guest; `end()` is EOF of its stdin. Absent where there is no input. */
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
  signal(number: number): void;
  resize(rows: number, columns: number): void;
  /** Settles after both EOFs. Rejects with `guest/…` when the session or the stream was lost. */
  readonly exit: Promise<GuestExit>;
  /** Gives the stream up: RESET. */
  reset(): void;
}

/** What the guest's kernel says of itself: microseconds and bytes. */
export interface GuestStats {
  readonly cpu: number;
  readonly memoryTotal: number;
  readonly memoryAvailable: number;
  readonly diskTotal: number;
  readonly diskFree: number;
  readonly processes: number;
  /** Absent from agents of earlier versions. */
  readonly network?: { readonly received: number; readonly sent: number };
}

/** One session with the agent (FORMATS, Guest link). */
export interface GuestSession extends AsyncDisposable {
  readonly agentVersion: string;
  exec(request: ExecRequest): Promise<GuestStream>;
  /** Attaches input, signals and resize to the app-mode main process; its output flows over `app`. */
  main(): Promise<GuestStream>;
  /** A tar stream of `path` on stdout (PAX, size-0 files of /proc read first). `follow`: a named symlink is followed. */
  get(request: { readonly path: string; readonly follow: boolean }): Promise<GuestStream>;
  /** Unpacks the tar stream written to stdin below `path`. */
  put(request: { readonly path: string; readonly keepOwner: boolean }): Promise<GuestStream>;
  /** Facts about a path, for the rules of `cp`. Undefined: no such file. */
  stat(
    path: string,
    signal: AbortSignal,
  ): Promise<
    | {
        readonly kind: 'file' | 'directory' | 'symlink' | 'other';
        readonly mode: number;
        readonly size: number;
      }
    | undefined
  >;
  ping(signal: AbortSignal): Promise<void>;
  shutdown(how: 'poweroff' | 'reboot', signal: AbortSignal): Promise<void>;
  setTime(seconds: number, signal: AbortSignal): Promise<void>;
  stats(signal: AbortSignal): Promise<GuestStats>;
  /** Processes of the guest by pid, without its kernel's; in app mode those of the command alone. */
  processes(signal: AbortSignal): Promise<GuestProcesses>;
  /** Grows the file system on a drive to the drive's size. @throws IgniteError `guest/…` where it is mounted nowhere */
  grow(drive: number, signal: AbortSignal): Promise<void>;
  /** Settles when the session is over. */
  readonly closed: Promise<void>;
}

export interface Guest {
  /** Concatenates modules, init and configuration into one initrd file at `path`. */
  buildInitrd(
    input: { readonly kernel: KernelRecord; readonly config: GuestConfig; readonly path: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** Opens a session over a lent byte pipe: preamble, HELLO. Deadline through the signal. */
  connect(pipe: Duplex, signal: AbortSignal): Promise<GuestSession>;
}
