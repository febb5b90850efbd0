// What others see of the lifecycle: every verb on VMs, by the word a user typed.
import type { GuestProcesses, NewVmDefaults, RecordedEnd, Report, Vm, VmRecord, VmStats } from '@ignite/api';
import type { OpenRequest } from '@ignite/api/frames';
import type { Resize, Resized, VmUpdate } from './change/index.ts';
import type { CreateVm } from './create/create-request.ts';
import type { Asker } from './end.ts';
import type { Intender } from './intent.ts';
import type { Change } from './watch/follow-vmm.ts';
import type { Complain } from './complain.ts';
import type { Rooms } from './rooms.ts';
import type { OpenedStream } from './connect/streams.ts';
import type { NetworkVerbs } from './network-verbs.ts';
import type { VolumeVerbs } from './volume-verbs.ts';

export type VmAction =
  | 'create'
  | 'start'
  | 'die'
  | 'remove'
  | 'fail'
  | 'rename'
  | 'repair'
  | 'health'
  | 'disk-nearly-full'
  | Change;

export interface VmsOptions {
  readonly rooms: Rooms;
  /** How many VMs boot at once; the host's cores. */
  readonly bootsAtOnce: number;
  readonly vmDefaults: CreateVm['spec'];
  readonly newVms?: NewVmDefaults;
  /** Whether a source is at work that would make a removed VM again. */
  readonly managerActive?: (manager: string) => boolean;
  /** Whether agents are asked now and then if they live. */
  readonly watchesAgents?: boolean;
  /** Folders below which objects may name paths of the host (DESIGN D9). */
  readonly hostPaths: readonly string[];
  /**
   * @param at when it happened, RFC 3339; absent: now
   * @param leftOut how many events of the same kind were suppressed since the last one, as there were too many
   */
  readonly onEvent: (action: VmAction, vm: Vm, at?: string, leftOut?: number) => void;
  readonly complain: Complain;
  /** Aborted when the daemon ends; VMs run on. */
  readonly signal: AbortSignal;
}

/** What became of a VM that was to be repaired. */
export interface Repaired {
  readonly name: string;
  readonly uid: string;
  readonly result: 'repaired' | 'failed';
  /** One sentence. */
  readonly what: string;
}

/** How long-lasting calls talk and are cancelled. */
export interface Call {
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Who asks: a person, or the source that manages the VM. Absent: a person. */
export interface ByWhom {
  readonly by?: Intender | undefined;
}

/** A VM as stored, and as it is now. */
export interface VmLook {
  readonly record: VmRecord;
  readonly vm: Vm;
}

export interface CreateCall extends Call {
  readonly manager?: string | undefined;
  readonly origin?: VmRecord['origin'];
  /** Before those of the engine. */
  readonly newVms?: NewVmDefaults | undefined;
}

export interface StartCall extends Call, ByWhom {
  /** Hold the output until a reader is attached. */
  readonly attach: boolean;
  readonly wait: 'started' | 'agent' | 'ssh';
  readonly timeoutSeconds?: number | undefined;
  /** A VM that was made for this start is removed if the start fails (CLI rule 19), even if the client is gone. */
  readonly removeFailed?: boolean | undefined;
  /** A published port that a program of the host has is no reason not to start; absent: as for the last start. */
  readonly ignoreHeldPorts?: boolean | undefined;
}

export interface StopCall extends Call, ByWhom {
  readonly timeoutSeconds?: number | undefined;
  /** What the command of app mode gets instead of its own signal for that. */
  readonly signalName?: string | undefined;
}

export interface VmLogs {
  readonly directory: string;
  readonly mode: 'app' | 'system';
  /** Aborted when the VM has ended, and where it does not run. */
  readonly ended: AbortSignal;
}

export interface SshAccess {
  readonly host: string;
  readonly user: string;
  /** OpenSSH format; absent where the VM was made with a key of the user's. */
  readonly privateKey?: string;
  /** Type and base64 of each; absent: none is pinned, and the agent has none. */
  readonly hostKeys?: readonly string[];
}

export interface KeptFiles {
  readonly upload: string;
  readonly bytes: number;
}

/** Words are resolved by CLI rule 10; `vm/not-found` where none fits. */
export interface Vms {
  list(): readonly Vm[];
  inspect(word: string): Vm;
  /** Records and what the daemon knows of each VM, without looking at the host. */
  look(): readonly VmLook[];
  create(request: CreateVm, call: CreateCall): Promise<Vm>;
  /** Whether such a VM could be made: fetches image and kernel, makes nothing. @throws IgniteError what `create` would */
  rehearse(request: CreateVm, call: CreateCall): Promise<void>;
  /**
   * Keeps a tar of files for the first start of a VM that is made soon: its id is `upload` of that request.
   * @throws IgniteError `state/disk-full` …; nothing is left of what breaks off
   */
  keepFiles(tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<KeptFiles>;
  /** Throws away what no VM took. */
  dropFiles(upload: string): Promise<void>;
  /**
   * Writes another spec, other labels, another manager or a protection into the record; starts and stops nothing. An update
   * that is given as a function gets the record as it is in its turn.
   * @throws IgniteError `vm/needs-recreate`; then nothing is written
   */
  update(word: string, update: VmUpdate | ((record: VmRecord) => VmUpdate), call: Call): Promise<Vm>;
  /** Changes size and caps; returns what has taken effect and what will at the next start. @throws IgniteError see `resizeVm` */
  resize(word: string, resize: Resize, signal: AbortSignal): Promise<Resized & { readonly vm: Vm }>;
  /** Again is no error: a running VM is left as it is. */
  start(word: string, call: StartCall): Promise<Vm>;
  /** Asks the guest, then ends it. Again is no error. */
  stop(word: string, call: StopCall): Promise<Vm>;
  /**
   * Stops all VMs, as the host goes down: no intent changes, and the next daemon starts again what should run.
   * @param asker recorded as the cause of the ends
   */
  haltAll(asker: Asker): Promise<void>;
  /** Settles when nothing is being done to any VM that was asked for until now. */
  idle(): Promise<void>;
  /** Ends a VM at once; in app mode a signal other than KILL goes to its command instead. */
  kill(word: string, call: Call & { readonly signalName?: string | undefined }): Promise<Vm>;
  /**
   * With force also a VM that runs or is being made.
   * @throws IgniteError `vm/running` without force, `vm/protected`, `vm/managed` where a source holds it
   */
  remove(word: string, force: boolean, call: Call & ByWhom): Promise<Vm>;
  /** Settles when the VM is stopped or removed, with its last end. */
  wait(word: string, condition: 'stopped' | 'removed', signal: AbortSignal): Promise<RecordedEnd | undefined>;
  /** Halts or continues the processors. Again is no error. */
  setPaused(word: string, paused: boolean, signal: AbortSignal): Promise<Vm>;
  /** Makes broken VMs whole; without words all of them. @throws IgniteError `vm/not-found` */
  repair(words: readonly string[]): Promise<readonly Repaired[]>;
  rename(word: string, name: string, signal: AbortSignal): Promise<Vm>;
  /** What a running VM uses now. */
  stats(word: string, signal: AbortSignal): Promise<VmStats>;
  /** The processes of its guest. */
  processes(word: string, signal: AbortSignal): Promise<GuestProcesses>;
  stream(word: string, request: OpenRequest, signal: AbortSignal): Promise<OpenedStream>;
  logs(word: string): VmLogs;
  /** VMs made from an image or a kernel. */
  usersOf(uid: string): readonly Vm[];
  /** How to reach a VM by SSH; pins the keys of its server where none are. */
  sshAccess(word: string, signal: AbortSignal): Promise<SshAccess>;
  /** Pins the keys that its agent reports now. @throws IgniteError `vm/no-host-key` */
  pinHostKeys(word: string, signal: AbortSignal): Promise<SshAccess>;
  readonly volumes: VolumeVerbs;
  readonly networks: NetworkVerbs;
}
