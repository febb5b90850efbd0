// What ignite-spawn writes, checked where it enters: spawn.json, exit.json and the lines of the status channel
// (docs/files.md; native/spawn/status.c, exit_record.c, sandbox.c). Unknown fields are those of a newer supervisor.
import { z } from 'zod';
import type { ExitRecord, SupervisorStatus, VmmCounters } from './port.ts';

const count = z.int().nonnegative();

const spawnRecordSchema = z.object({
  version: count,
  pid: z.int().positive(),
  startTime: count,
  bootId: z.string(),
  vm: z.string(),
  slot: count,
  exit: z.string(),
});

/** spawn.json: which process serves a run directory, and where it will write exit.json. */
export type SpawnRecord = z.infer<typeof spawnRecordSchema>;

const exitRecordSchema = z.object({
  boot: z.string(),
  startedAt: z.iso.datetime({ precision: 9 }),
  endedAt: z.iso.datetime({ precision: 9 }),
  ranMs: count.exactOptional(),
  vmm: z.object({ code: count.exactOptional(), signal: count.exactOptional() }),
  main: z
    .object({ code: z.int().exactOptional(), signal: count.exactOptional(), oom: z.boolean() })
    .exactOptional(),
  intent: z.enum(['poweroff', 'reboot', 'halt', 'unknown']).exactOptional(),
  reset: z.boolean().exactOptional(),
  ready: z.boolean(),
  killed: z.boolean(),
}) satisfies z.ZodType<ExitRecord>;

const statusSchema = z.object({
  version: count,
  vmUid: z.string(),
  vmmPid: count,
  phase: z.enum(['starting', 'ready', 'ended']),
  startedAt: z.iso.datetime({ precision: 9 }).exactOptional(),
  calledAt: z.iso.datetime({ precision: 9 }).exactOptional(),
  ready: z
    .object({
      mode: z.enum(['app', 'system']),
      stages: z.record(z.string(), count),
      agentVersion: z.string(),
    })
    .exactOptional(),
  notes: z.array(z.object({ stage: z.string(), text: z.string() })),
  exit: exitRecordSchema.exactOptional(),
}) satisfies z.ZodType<SupervisorStatus>;

/** No sum of a VM comes near what a double holds exactly; one that pretends is not believed. */
const countersSchema = z.object({
  lines: count,
  diskRead: count,
  diskWritten: count,
  diskThrottled: count,
  networkThrottled: count,
  exits: count,
}) satisfies z.ZodType<VmmCounters>;

/** spawn.json; undefined where the text is not one. */
export function parseSpawnRecord(text: string): SpawnRecord | undefined {
  return parse(spawnRecordSchema, text);
}

/** exit.json; undefined where the text is not one. */
export function parseExitRecord(text: string): ExitRecord | undefined {
  return parse(exitRecordSchema, text);
}

/** One line of the status channel; undefined where the text is not one. */
export function parseStatus(text: string): SupervisorStatus | undefined {
  return parse(statusSchema, text);
}

/** The line of the counters channel; undefined where the text is not one. */
export function parseCounters(text: string): VmmCounters | undefined {
  return parse(countersSchema, text);
}

function parse<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not JSON
  }
}
