// What others see of the room `declare`: requests to make the VMs of a host match manifests, plans, and results.
import type {
  ApplyAction,
  ChangeMoment,
  DeclaredVm,
  IgniteError,
  NewVmDefaults,
  Report,
  VmRecord,
} from '@ignite/api';
import type { CreateVm } from '../lifecycle/index.ts';

export interface Change {
  /** `spec.cpus`, `metadata.labels` */
  readonly path: string;
  /** As JSON; absent: not set. */
  readonly from?: string;
  readonly to?: string;
  readonly when: ChangeMoment;
}

/** What is to be done with one VM. Pure data. */
export interface Planned {
  readonly name: string;
  readonly uid?: string;
  readonly action: ApplyAction;
  readonly changes: readonly Change[];
  /** It differs and is left alone: held by hand, ended by itself, a prune that waits. */
  readonly drift?: string;
  readonly origin?: { readonly file: string; readonly line: number };
  /** Why it is refused, or what failed while it was carried out. */
  readonly error?: IgniteError;
  readonly declared?: DeclaredVm;
}

export interface DeclareRequest {
  /** `api`, `folder:PATH`, `git:SOURCE`: only its own VMs are changed (DESIGN D11). */
  readonly manager: string;
  readonly objects: readonly DeclaredVm[];
  /** VMs of this manager that are not among the objects and fit are removed. Absent: none. */
  readonly prune?: (record: VmRecord) => boolean;
  /** Whether VMs may be made anew, with a new disk; or which. */
  readonly allowRecreate?: boolean | ((record: VmRecord) => boolean);
  /** Also VMs that another manages; they change hands. */
  readonly takeOver?: boolean;
  /** What is not tried now, with the failure of before: somebody waits before he tries again. */
  readonly hold?: (planned: Planned) => IgniteError | undefined;
  /** Brings what is too large for the declaration when a VM is made; the id of its upload. */
  readonly bring?: (declared: DeclaredVm, signal: AbortSignal) => Promise<string | undefined>;
  /** For VMs that are made. */
  readonly newVms?: NewVmDefaults | undefined;
  /** How images are fetched for this call. */
  readonly pull?: PullPart;
  /** Absent: every VM is waited for. */
  readonly patience?: Patience;
}

/** How long one VM may delay the others of its plan, and the next plan. */
export interface Patience {
  /** Settles when it has been waited long enough; called once for each VM. @param done aborted when nobody waits for it any more */
  readonly over: (done: AbortSignal) => Promise<unknown>;
  /** A VM is left to itself. @param outcome what becomes of it; never rejects */
  readonly late: (planned: Planned, outcome: Promise<Planned>) => void;
}

/** The part of a creation that says how images are fetched. */
export type PullPart = Pick<CreateVm, 'pull' | 'credentials' | 'insecureRegistries'>;

export interface Declare {
  /** What would be done now; changes nothing. */
  plan(request: DeclareRequest): readonly Planned[];
  /** Does it: first every intent is written down, then VMs are made, started and ended. Never throws for one VM. */
  apply(
    request: DeclareRequest,
    call: { readonly report: Report; readonly signal: AbortSignal },
  ): Promise<readonly Planned[]>;
}
