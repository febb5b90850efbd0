// Observed facts about one VM: looked up each time, believed only as long as the look (D2).
import type { ExitRecord } from '../../supervisor/port.ts';

export interface VmFacts {
  /** The root disk under its bound name. */
  readonly disk: 'present' | 'absent';
  /**
   * `none`: the VM wants no network. A look costs programs: what is claimed counts as `attached` while the supervisor
   * runs, as nothing is planned by it then, and as `partial` where it is to go, as its removal looks.
   */
  readonly network: 'attached' | 'partial' | 'absent' | 'none';
  /** The very supervisor process that was started for this VM. */
  readonly supervisor: 'running' | 'absent';
  /** What the supervisor says of the guest. */
  readonly phase: 'starting' | 'ready' | 'ended' | 'none';
  /** A run ended and the record does not say so yet. `lost`: without an exit record. */
  readonly unrecordedEnd?: ExitRecord | 'lost';
  /** Files of an ended run in the VM's /run directory, or drives that were not taken back. */
  readonly leftovers: boolean;
}
