// The stored form of a VM: `vms/<uid>/record.json` (FORMATS, On disk). Only what the user asked, what the engine
// chose, and history is stored; what runs now is looked up (DESIGN D2). Read and written by the state room alone.
import { z } from 'zod';
import { metadata, time } from './fields.ts';
import { vmBound } from './vm-bound.ts';
import { vmSpec } from './vm-spec.ts';

/** Raised when a field is added or changes its meaning; `format.json` says who may read (DESIGN D10). */
export const VM_RECORD_FORMAT = 1;

/** The last end of the guest. */
export const lastExit = z.strictObject({
  boot: z.string().meta({ description: 'Boot id of the host' }),
  startedAt: time,
  endedAt: time,
  code: z.int().exactOptional(),
  signal: z.int().exactOptional(),
  oom: z.boolean().exactOptional(),
  intent: z.enum(['poweroff', 'reboot', 'halt', 'unknown']).exactOptional(),
  killed: z.boolean().exactOptional(),
});

/** A start or another operation that failed; kept until one succeeds (CLI rule 19). */
export const lastFailure = z.strictObject({
  code: z.string(),
  message: z.string(),
  stage: z.string().exactOptional(),
  at: time,
});

export const vmRecordSchema = z.strictObject({
  format: z.literal(VM_RECORD_FORMAT),
  kind: z.literal('VM'),
  manager: z.string(),
  /** Counts changes of spec. */
  generation: z.int().positive(),
  metadata,
  idPrefix: z.string(),
  spec: vmSpec,
  bound: vmBound.exactOptional(),
  history: z.strictObject({
    restarts: z.int().nonnegative(),
    startedAt: time.exactOptional(),
    lastExit: lastExit.exactOptional(),
    lastFailure: lastFailure.exactOptional(),
  }),
});

/** Inside: sizes are numbers of bytes. */
export type VmRecord = z.output<typeof vmRecordSchema>;

/** Between what is stored and what we work with. */
export interface RecordCodec<T> {
  /** Reads parsed JSON. @throws Error whose message says where and what */
  decode(document: unknown): T;
  encode(record: T): unknown;
}

/** The codec of VM records. */
export const vmRecordCodec: RecordCodec<VmRecord> = {
  decode: (document) => {
    const result = vmRecordSchema.safeParse(document);
    if (result.success) return result.data;
    throw new Error(z.prettifyError(result.error), { cause: result.error });
  },
  encode: (record) => z.encode(vmRecordSchema, record),
};
