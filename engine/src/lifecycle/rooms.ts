// The rooms the lifecycle works with, as ports. One place (engine/src/create-engine.ts) hands them in.
import type { Disks, Volumes } from '../disks/index.ts';
import type { Guest } from '../guest/port.ts';
import type { Cgroups, Clock } from '../host/index.ts';
import type { Images } from '../images/port.ts';
import type { Kernels } from '../kernels/port.ts';
import type { TapRates } from '../network/index.ts';
import type { Network } from '../network/port.ts';
import type { State } from '../state/index.ts';
import type { Supervisor } from '../supervisor/port.ts';
import type { EmulationNotice, VmmDriver } from '../vmm/index.ts';

/** Absolute paths of one VM. Names are constants of the state room. */
export interface VmPaths {
  /** `vms/<uid>` */
  readonly directory: string;
  readonly logs: string;
  /** `/run/ignite/<slot>` */
  readonly run: string;
}

export interface Rooms {
  readonly state: State;
  readonly images: Images;
  readonly kernels: Kernels;
  readonly disks: Disks;
  readonly volumes: Volumes;
  readonly network: Network;
  readonly rates: TapRates;
  readonly supervisor: Supervisor;
  readonly guest: Guest;
  /** In order of preference. */
  readonly drivers: readonly VmmDriver[];
  readonly cgroups: Cgroups;
  readonly emulationNotice: EmulationNotice;
  /** uid and gid of the VMM process of a slot; undefined where the daemon is not root (D13). */
  readonly vmmUid: (slot: number) => number | undefined;
  readonly clock: Clock;
}
