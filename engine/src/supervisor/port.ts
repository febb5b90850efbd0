// What other rooms see of the supervisor room: one ignite-spawn per VM, started or adopted.
import type { Duplex } from 'node:stream';
import type { ProcessIdentity } from '../host/index.ts';

/** Byte pipes of a supervisor's socket (DESIGN D4). */
export type Channel = 'console' | 'link' | 'vmm' | 'app';

/** One descriptor handed to the VMM under a fixed number. */
export type LaunchDescriptor =
  /** One end of a socketpair; the supervisor serves the other end under the channel's name. */
  | { readonly fd: number; readonly kind: 'console' | 'facts' | 'link' | 'vmm' } // the console as 0: stdin and stdout
  /** The console as a terminal, for a VMM that takes input from nothing else. */
  | { readonly fd: number; readonly kind: 'terminal' }
  /** A tap, opened with vnet header; of the namespace joined unless another is named. */
  | { readonly fd: number; readonly kind: 'tap'; readonly tap: string; readonly netns?: string }
  /** One end of the user network; at most one. */
  | { readonly fd: number; readonly kind: 'net' }
  /** A connection to a program that serves the folder `source`, which it sees at the empty folder `target`. */
  | {
      readonly fd: number;
      readonly kind: 'share';
      readonly source: string;
      /** Holds no colon. */
      readonly target: string;
      readonly readOnly: boolean;
    };

/**
 * A program that carries a VM's frames without privilege (passt). The supervisor starts it before the VMM, waits until
 * it goes into the background, and stands between the two: only frames that the rules allow reach it.
 */
export interface UserNetworkProgram {
  /** argv; descriptor 3 is its connected stream socket. */
  readonly argv: readonly [string, ...string[]];
  /** MAC and address that every frame of the guest must carry. */
  readonly mac: string;
  readonly address: string;
  /** Where UDP to port 53 passes even if it is denied. */
  readonly dns?: string;
  /** IPv4 ranges, `10.0.0.0/8`, to which nothing is sent. */
  readonly deny: readonly string[];
}

/** File view of a VMM (DESIGN D9): a tmpfs at `root` with only this in it. Targets are absolute inside the jail. */
export interface LaunchJail {
  /** A folder of the host; made where it is missing. */
  readonly root: string;
  /** Sources are no symbolic links and hold no colon. */
  readonly binds: readonly {
    readonly writable: boolean;
    readonly source: string;
    readonly target: string;
  }[];
  /** Small files for the VMM to read; targets hold no colon. */
  readonly files?: readonly { readonly target: string; readonly content: string }[];
  /** The first of them is filled up with spaces to so many bytes until the guest calls; 16 MiB at most. */
  readonly fileBytes?: number;
  /** Device files of the host that the VMM gets as its own, under the same names. */
  readonly devices?: readonly string[];
  /** Folder below `root` that the program makes its root by itself; it takes the uid by itself, too. */
  readonly jailer?: string;
  /** Programs and device files of the host that are used before the VMM is shut in; a container around it must have them. */
  readonly uses?: readonly string[];
  /** Size of the tmpfs. */
  readonly mebibytes?: number;
  /** Sockets of a VMM that takes no descriptors. */
  readonly doors?: {
    /** We listen, the VMM connects for its guest. */
    readonly facts?: string;
    readonly link?: string;
    /** The VMM listens; each client of the channel gets a connection of its own. */
    readonly vmm?: string;
    /** A FIFO; what is written goes to vmm.log. */
    readonly log?: string;
    /** A FIFO; what was counted, a line of JSON at a time, is added up. */
    readonly metrics?: string;
  };
}

/** What a guest is answered that asks for the address of one interface. */
export interface DhcpOffer {
  readonly tap: string;
  readonly mac: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway?: string;
  readonly dns: readonly string[];
  readonly hostname: string;
}

/** Programs that can run the supervisor in a container. */
export type ContainerRuntimeName = 'docker' | 'containerd';

/**
 * A container around the supervisor. It is the same ignite-spawn with the same launch file and the host's own VMM: only
 * who starts it differs, so that a recovered daemon, logs and the exit record know nothing of it. Its image, made by us,
 * holds ignite-spawn alone; programs and files of the host are bound into it under their names.
 */
export interface LaunchContainer {
  readonly runtime: ContainerRuntimeName;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Reference of an image of the user's; absent: ours. */
  readonly image?: string;
  /** Environment of the container; the VMM has its own. */
  readonly env?: Readonly<Record<string, string>>;
  /** A container of the same runtime whose network it is in, which `netns` then names, too. */
  readonly network?: string;
}

/** A container by who has it. */
export interface ContainerName {
  readonly runtime: ContainerRuntimeName;
  readonly name: string;
}

/** Everything ignite-spawn needs to start one VMM process; written to `spawn.launch`. */
export interface Launch {
  readonly slot: number;
  readonly vmUid: string;
  /** `/run/ignite/<slot>`: socket, spawn.json. */
  readonly runDirectory: string;
  /** Where `exit.json` goes: the VM's folder. */
  readonly vmDirectory: string;
  /** Where console.log, app.log and vmm.log go. */
  readonly logDirectory: string;
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** uid and gid of the VMM process; absent: unchanged. */
  readonly uid?: number;
  readonly gid?: number;
  /** Network namespace to join, absolute path; absent: the host's. */
  readonly netns?: string;
  /** argv of the program that serves shared folders, one for each; given together with descriptors of kind `share`. */
  readonly folderProgram?: readonly [string, ...string[]];
  /** Given together with a descriptor of kind `net`. */
  readonly userNetwork?: UserNetworkProgram;
  /** Addresses that guests may ask for by DHCP, on taps in `netns`. */
  readonly dhcp?: readonly DhcpOffer[];
  /** Absent: the VMM sees the host's files. */
  readonly jail?: LaunchJail;
  /** cgroup.procs files the supervisor writes itself into. */
  readonly cgroups: readonly string[];
  readonly descriptors: readonly LaunchDescriptor[];
  /** 16 bytes as hex; the first frame on `facts` must carry it. */
  readonly bootToken: string;
  /** Give no credit for LOG frames before a reader has opened `app` (foreground `run`). */
  readonly waitForReader: boolean;
  /** Bytes and count of each rotated log file. */
  readonly log: { readonly maxBytes: number; readonly files: number };
  /** Absent: it runs on the host itself. */
  readonly container?: LaunchContainer;
}

/** How a VM ended; `exit.json`, written by the supervisor alone. */
export interface ExitRecord {
  /** Boot id of the host, random(4). */
  readonly boot: string;
  /** RFC 3339, UTC, nanoseconds: of the VMM process. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** How long it ran, by a clock that nobody sets; supervisors of earlier versions do not tell. */
  readonly ranMs?: number;
  /** End of the VMM process. */
  readonly vmm: { readonly code?: number; readonly signal?: number };
  /** DONE of the main process in app mode. */
  readonly main?: { readonly code?: number; readonly signal?: number; readonly oom: boolean };
  /** The INTENT that the guest sent before its end. */
  readonly intent?: 'poweroff' | 'reboot' | 'halt' | 'unknown';
  /** The guest was reset and had begun to boot again in the same process, which was ended therefore. */
  readonly reset?: boolean;
  /** READY was seen. */
  readonly ready: boolean;
  /** The supervisor was asked to kill the VMM. */
  readonly killed: boolean;
}

/** One line of the `status` channel: the whole state, sent on connect and at every change. */
export interface SupervisorStatus {
  readonly version: number;
  readonly vmUid: string;
  readonly vmmPid: number;
  readonly phase: 'starting' | 'ready' | 'ended';
  /** When the VMM was started and when ignite-init first called, RFC 3339; absent from supervisors of earlier versions. */
  readonly startedAt?: string;
  readonly calledAt?: string;
  /** READY's payload. */
  readonly ready?: {
    readonly mode: 'app' | 'system';
    readonly stages: Readonly<Record<string, number>>;
    readonly agentVersion: string;
  };
  /** NOTE frames and the supervisor's own (stages `facts`, `log`, `exit`), the last 16. */
  readonly notes: readonly { readonly stage: string; readonly text: string }[];
  readonly exit?: ExitRecord;
}

/** What the lines of a VMM's metrics add up to since it began; the sums of all its drives, NICs and processors. */
export interface VmmCounters {
  /** Lines that were added. */
  readonly lines: number;
  /** Bytes. */
  readonly diskRead: number;
  readonly diskWritten: number;
  /** How often caps have held requests of the disks, frames of the NICs. */
  readonly diskThrottled: number;
  readonly networkThrottled: number;
  /** How often the guest has left its processors for the VMM. */
  readonly exits: number;
}

/** `forced`: the supervisor did not answer and was killed, too. */
export type KillMeans = 'asked' | 'forced';

export interface SupervisorHandle {
  readonly slot: number;
  readonly process: ProcessIdentity;
  /** The last status line. */
  status(): SupervisorStatus;
  /** Calls back at every status line; returns the unsubscribe. */
  onStatus(listener: (status: SupervisorStatus) => void): () => void;
  /** Opens a channel; the newest client wins, an older one is closed. */
  open(channel: Channel, signal: AbortSignal): Promise<Duplex>;
  /**
   * What the VMM has counted, as far as it has reported it; undefined for a VMM that reports nothing (or a supervisor of a
   * version that does not collect it).
   */
  counters(signal: AbortSignal): Promise<VmmCounters | undefined>;
  /**
   * SIGKILL to the VMM; returns when exit.json is written and the supervisor has ended. One that does not answer is
   * killed with its VMM, and then nothing is written.
   * @throws IgniteError `supervisor/silent` when the signal comes first, or where nothing ends it
   */
  kill(signal: AbortSignal): Promise<KillMeans>;
  /** Settles when the supervisor is gone: its exit record, or undefined if it died without writing one. */
  readonly ended: Promise<ExitRecord | undefined>;
  /** Aborted then. For those who come and go while it runs: what a promise is asked for it keeps until it settles. */
  readonly over: AbortSignal;
  /** Lets go of the socket without touching the VM. */
  close(): void;
}

export interface Supervisor {
  /** Starts ignite-spawn; returns when the VMM was executed. Throws `supervisor/start-failed` with what was printed. */
  start(launch: Launch, signal: AbortSignal): Promise<SupervisorHandle>;
  /** The live supervisor of a slot; undefined where none runs (files of a dead one are ignored). */
  adopt(runDirectory: string, signal: AbortSignal): Promise<SupervisorHandle | undefined>;
  /**
   * Kills the live supervisor of a slot that cannot be adopted as it does not answer, and with it its VMM.
   * @param vmUid one of another VM is left alone
   * @throws IgniteError `supervisor/silent` where not even that ends it
   */
  forceEnd(runDirectory: string, vmUid: string, signal: AbortSignal): Promise<void>;
  /** exit.json of a VM folder, if it is there and whole. */
  readExit(vmDirectory: string): Promise<ExitRecord | undefined>;
  /** @throws IgniteError `supervisor/no-runtime`, `supervisor/needs-root` where no container can be started there */
  requireRuntime(runtime: ContainerRuntimeName, signal: AbortSignal): Promise<void>;
  /**
   * Removes the container of a supervisor, and ends it where it runs. None is no error.
   * @throws IgniteError `supervisor/no-runtime`, `supervisor/runtime-refused`
   */
  removeContainer(container: ContainerName, signal: AbortSignal): Promise<void>;
  /** Containers of this engine's supervisors, of every runtime that answers. */
  containers(signal: AbortSignal): Promise<readonly (ContainerName & { readonly slot: number })[]>;
}
