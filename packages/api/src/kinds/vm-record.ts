// The stored form of a VM: `vms/<uid>/record.json` (FORMATS, On disk). Only what the user asked, what the engine
// chose, and history is stored; what runs now is looked up (DESIGN D2). Read and written by the state room alone.
import { z } from 'zod';
import { decodeStored } from './decode-stored.ts';
import { metadata, time } from './fields.ts';
import { vmBound } from './vm-bound.ts';
import { ACCELERATORS, RUNTIMES, VMM_NAMES, vmSpec } from './vm-spec.ts';

/**
 * Raised when a field changes its meaning; added fields are ignored by versions that do not know them. `format.json` says which
 * versions may read (DESIGN D10).
 */
export const VM_RECORD_FORMAT = 1;

/**
 * How a run ended. `command`: the main process ended (app mode); `poweroff`, `reboot`: the guest's word, or a clean
 * end without one; `panic`: its kernel gave up; `killed`: asked for here; `vmm-crashed`: the VMM failed;
 * `supervisor-lost`: nothing was written down while the host was up; `host-rebooted`: because it was not.
 */
export const END_HOWS = [
  'command',
  'poweroff',
  'reboot',
  'panic',
  'killed',
  'vmm-crashed',
  'supervisor-lost',
  'host-rebooted',
] as const;

/**
 * Who ended a run: `guest` itself; `user`, who asked for it here; `host`: its shutdown, which asked the guest to end, its
 * reboot, a crash, a `kill` from outside. Absent in records of earlier versions.
 */
export const ENDERS = ['guest', 'user', 'host'] as const;

/** The last end of the guest. */
export const lastEnd = z.strictObject({
  at: time,
  how: z.enum(END_HOWS),
  code: z.int().exactOptional(),
  signal: z.int().exactOptional(),
  oom: z.boolean().exactOptional(),
  by: z.enum(ENDERS).exactOptional(),
  /** Which start it ended, by that one's `at`: where the clock was set back, their order does not tell. */
  began: time.exactOptional(),
  /** How long the run was, by a clock that nobody sets, where its supervisor could tell. */
  ranMs: z.int().nonnegative().exactOptional(),
});

/** What ran a VM: the kind of VMM is bound, the rest may be another at each start. */
export const startedVmm = z.strictObject({
  name: z.enum(VMM_NAMES),
  version: z.string(),
  accelerator: z.enum(ACCELERATORS),
  machine: z.string().exactOptional().meta({ description: 'Which machine it made, where it makes several' }),
});

/** The last start, with the host's boot id: it shows how a run ended that left no exit record. */
export const lastStart = z.strictObject({
  at: time,
  boot: z.string(),
  /** How long its guest may take until it reports: a daemon that comes later waits for what remains. */
  timeoutSeconds: z.number().nonnegative().exactOptional(),
  runtime: z.enum(RUNTIMES).exactOptional().meta({ description: 'Absent: process' }),
  vmm: startedVmm.exactOptional(),
});

/** Content id (`oci://name@sha256:…`, API-T03) and bytes of what the VM was made from. */
const source = z.strictObject({ id: z.string(), size: z.int().nonnegative() });

/** A start or another operation that failed; kept until one succeeds (CLI rule 19). */
export const lastFailure = z.strictObject({
  code: z.string(),
  message: z.string(),
  stage: z.string().exactOptional(),
  at: time,
});

/** File, relative to its source, and line. */
export const origin = z.strictObject({ file: z.string(), line: z.int().positive() });

export const override = z.strictObject({ running: z.boolean(), at: time });

const vmRecordSchema = z.strictObject({
  format: z.literal(VM_RECORD_FORMAT),
  kind: z.literal('VM'),
  manager: z.string(),
  /** Counts changes of spec. */
  generation: z.int().positive(),
  metadata,
  idPrefix: z.string(),
  /** Where its manager reads it: for refusals that name file and line. */
  origin: origin.exactOptional(),
  /** `start` or `stop` on a VM that somebody else manages: holds until `resume` or a change of its manifest. */
  override: override.exactOptional(),
  /** Neither rm nor a prune nor a recreate takes it away. */
  protected: z.boolean().exactOptional(),
  spec: vmSpec,
  bound: vmBound,
  sources: z.strictObject({ image: source, kernel: source }),
  history: z.strictObject({
    /** Restarts by policy in a row. */
    restarts: z.int().nonnegative(),
    /** The last start that was asked for passed over ports that are held; its restarts do so, too. */
    ignoresHeldPorts: z.boolean().exactOptional(),
    /** A start succeeded: the seed's files are in the guest. */
    seeded: z.boolean(),
    /** Paths that changed since the last start and hold from the next one on. */
    pending: z.array(z.string()).exactOptional(),
    lastStart: lastStart.exactOptional(),
    lastEnd: lastEnd.exactOptional(),
    lastFailure: lastFailure.exactOptional(),
  }),
});

/** Inside: sizes are numbers of bytes. */
export type VmRecord = z.output<typeof vmRecordSchema>;
export type EndHow = (typeof END_HOWS)[number];
export type RecordedEnd = z.output<typeof lastEnd>;
export type VmHistory = VmRecord['history'];

/** Between what is stored and what we work with. */
export interface RecordCodec<T> {
  /** Reads parsed JSON. @throws Error whose message says where and what */
  decode(document: unknown): T;
  encode(record: T): unknown;
}

/** The codec of VM records. */
export const vmRecordCodec: RecordCodec<VmRecord> = {
  decode: (document) => decodeStored(vmRecordSchema, document),
  encode: (record) => z.encode(vmRecordSchema, record),
};
