// `status` of a VM: what is observed now and what is remembered of the last end. v1alpha4's paths, and ours.
import { z } from 'zod';
import { HEALTH_WORDS, STATE_WORDS } from '../state-words.ts';
import { address, size, time } from './fields.ts';
import { ENDERS, startedVmm } from './vm-record.ts';

/** Content id (`oci://name@sha256:…`, API-T03) and bytes of what the VM was made from. */
const source = z.strictObject({ id: z.string(), size });

export const vmStatus = z.strictObject({
  running: z.boolean(),
  runtime: z.strictObject({ id: z.string(), name: z.string() }),
  startTime: time.exactOptional(),
  vmm: startedVmm.exactOptional().meta({ description: 'What runs it, or ran it at the last start' }),
  network: z.strictObject({ plugin: z.string(), ipAddresses: z.array(address) }),
  image: source.exactOptional(),
  kernel: source.exactOptional(),
  idPrefix: z.string(),
  state: z.enum(STATE_WORDS),
  reason: z.string().exactOptional().meta({
    description: 'Error code of the catalogue behind `failed`, `broken` or what the words in brackets tell',
  }),
  health: z
    .enum(HEALTH_WORDS)
    .exactOptional()
    .meta({ description: 'What its health check says; absent without one, or while it does not run' }),
  healthOutput: z.string().exactOptional().meta({ description: 'What the last check said that failed' }),
  detail: z.string().exactOptional().meta({ description: 'The words in brackets of `ps`' }),
  stage: z.string().exactOptional().meta({ description: 'Stage of a start that goes on or failed' }),
  exitCode: z.int().exactOptional(),
  exitSignal: z.int().exactOptional(),
  oom: z.boolean().exactOptional(),
  finishedAt: time.exactOptional(),
  endedBy: z.enum(ENDERS).exactOptional().meta({ description: 'Who ended the last run' }),
  snapshot: z
    .strictObject({ used: z.int().nonnegative(), total: z.int().nonnegative(), broken: z.boolean() })
    .exactOptional()
    .meta({
      description: 'How full, in bytes, the store of its disk is, where that is a snapshot of device-mapper',
    }),
  restarts: z.int().nonnegative(),
  agent: z.enum(['ready', 'lost', 'none']),
  manager: z.string().meta({ description: 'api, folder:PATH or git:SOURCE' }),
  origin: z
    .strictObject({ file: z.string(), line: z.int() })
    .exactOptional()
    .meta({ description: 'Where the manager reads it' }),
  override: z.boolean().exactOptional().meta({ description: 'Held running or stopped against its manifest' }),
  protected: z.boolean().exactOptional().meta({ description: 'Neither removed nor pruned nor recreated' }),
  pending: z
    .array(z.string())
    .exactOptional()
    .meta({ description: 'Fields that hold from the next start on' }),
  operation: z.string().exactOptional().meta({ description: 'Id of the operation that goes on' }),
});

export type VmStatus = z.output<typeof vmStatus>;
