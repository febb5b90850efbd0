// What the daemon holds in memory of one VM: its record and the connections to its processes. Everything here can
// be thrown away and found again by looking at the host.
import type { SnapshotFill } from '../disks/index.ts';
import type { GuestSession } from '../guest/port.ts';
import type { VmmControl } from '../vmm/index.ts';
import type { Grace } from './grace.ts';
import type { Health } from './health/judge.ts';
import type { Kept } from './connect/opening.ts';
import type { SupervisorHandle } from '../supervisor/port.ts';
import type { VmRecord } from '@ignite/api';

/** What is being done to the VM now. */
export interface Activity {
  readonly kind: 'creating' | 'starting' | 'stopping' | 'removing';
  readonly stage: string;
  readonly operation: string;
}

/** What the rules of a VM's interfaces were made from. */
export interface Attached {
  readonly policy?: NonNullable<VmRecord['spec']['network']['policy']>;
}

/** What a record's interfaces are attached with. */
export function attachedAs({ spec: { network } }: VmRecord): Attached {
  return network.policy === undefined ? {} : { policy: network.policy };
}

export interface LiveVm {
  record: VmRecord;
  /** Boot id of the host now. */
  readonly hostBoot: string;
  /** Called at every change of handle or activity. */
  readonly listeners: Set<() => void>;
  handle?: SupervisorHandle | undefined;
  /** The one link session, opened when first needed and shared. */
  readonly session: Kept<GuestSession>;
  /** The one control connection to its VMM, opened when first needed and shared. */
  readonly control: Kept<VmmControl>;
  /** Its supervisor lives and does not answer, so that nothing else is known of it. */
  outOfReach: boolean;
  /** The agent does not hold its end of the link, or did not answer when last asked. */
  agentLost: boolean;
  /** It is paused because the host had no room for what its guest wrote. */
  diskFull: boolean;
  activity?: Activity | undefined;
  /** The time that its guest has been given to end; absent where none asks it to. */
  grace?: Grace | undefined;
  /** What its health check says; absent without one. */
  health?: Health | undefined;
  paused: boolean;
  /** How full the store of its disk was when it was last looked at; absent for a disk that is a file. */
  snapshot?: SnapshotFill | undefined;
  /** Its volumes and devices are its own: from before they are given to its VMM until after they are taken back. */
  holdsDrives: boolean;
  /** What it was attached with, which an update of its spec for the next start does not change; absent: as in its spec. */
  attached?: Attached | undefined;
  /** Its interfaces are on their networks, or about to be: from before they are attached until after they are detached. */
  holdsNics: boolean;
  /** Another has its place on a network of others: it is not reached under its address. */
  placeLost: boolean;
  /** Its supervisor did not answer and was killed by us: its end has no record of the supervisor's. */
  forced: boolean;
  /** Its folder is gone; nothing may be written for it any more. */
  removed: boolean;
}

/** A VM as it is right after its record was read or made. @param hostBoot boot id of the host now */
export function liveVm(record: VmRecord, hostBoot: string): LiveVm {
  return {
    record,
    hostBoot,
    listeners: new Set(),
    session: {},
    control: {},
    outOfReach: false,
    agentLost: false,
    paused: false,
    diskFull: false,
    holdsDrives: false,
    holdsNics: false,
    placeLost: false,
    forced: false,
    removed: false,
  };
}

/** Sets fields of the state, and wakes those who wait for a change of it. */
export function change(
  vm: LiveVm,
  what: Partial<
    Pick<
      LiveVm,
      | 'handle'
      | 'activity'
      | 'agentLost'
      | 'outOfReach'
      | 'health'
      | 'paused'
      | 'diskFull'
      | 'placeLost'
      | 'removed'
    >
  >,
): void {
  Object.assign(vm, what);
  for (const listener of vm.listeners) listener();
}
