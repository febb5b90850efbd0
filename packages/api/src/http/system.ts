// Bodies of the operations on the daemon itself, and its events.
import { z } from 'zod';
import { queryBoolean, queryNumber } from './parts.ts';

export const pingResult = z.strictObject({ ok: z.literal(true) }).meta({ id: 'Ping' });

export const versionResult = z
  .strictObject({
    version: z.string(),
    commit: z.string(),
    api: z.array(z.string()).meta({ description: 'Versions of the HTTP API: v1' }),
    pid: z.int(),
  })
  .meta({ id: 'Version' });

export const driverInfo = z.strictObject({
  name: z.string(),
  usable: z.boolean(),
  version: z.string().exactOptional(),
  accelerator: z.string().exactOptional(),
  reason: z.string().exactOptional(),
});

export const infoResult = z
  .strictObject({
    stateDirectory: z.string(),
    runDirectory: z.string(),
    instance: z.string(),
    root: z.boolean().meta({ description: 'The daemon runs as root' }),
    vms: z.strictObject({ total: z.int(), running: z.int(), broken: z.int() }),
    images: z.int(),
    kernels: z.int(),
    drivers: z.array(driverInfo),
  })
  .meta({ id: 'Info' });

export const diskUseResult = z
  .strictObject({
    items: z.array(
      z.strictObject({
        kind: z.enum(['images', 'vms', 'volumes', 'kernels']),
        total: z.int().nonnegative(),
        active: z.int().nonnegative().meta({ description: 'In use; of VMs those that run' }),
        size: z.number().nonnegative().meta({ description: 'Bytes on disk' }),
        reclaimable: z.number().nonnegative().meta({ description: 'Bytes of what is not active' }),
      }),
    ),
  })
  .meta({ id: 'DiskUse' });

/**
 * `vms`: stop them first; restart policies start them again with the next daemon. `host`: the host goes down, and their
 * ends are recorded as caused by it.
 */
export const shutdownBody = z.strictObject({
  vms: z.boolean().exactOptional(),
  host: z.boolean().exactOptional(),
});

export const shutdownResult = z.strictObject({ stopping: z.literal(true) }).meta({ id: 'Shutdown' });

export const gcBody = z.strictObject({ dryRun: z.boolean().exactOptional() }).meta({ id: 'Gc' });

export const gcResult = z
  .strictObject({
    items: z.array(
      z.strictObject({
        kind: z.string().meta({
          description: 'process, mount, tap, link, netns, table, rule, cgroup, run-folder, trash, vm-folder',
        }),
        name: z.string(),
        why: z.string(),
        result: z
          .enum(['removed', 'failed', 'left', 'stray'])
          .meta({ description: 'left: it may be somebody’s. stray: found by a dry run' }),
        problem: z.string().exactOptional(),
      }),
    ),
  })
  .meta({ id: 'GcResult' });

export const repairBody = z
  .strictObject({ vms: z.array(z.string()).exactOptional().meta({ description: 'Absent or empty: all' }) })
  .meta({ id: 'Repair' });

export const repairResult = z
  .strictObject({
    items: z.array(
      z.strictObject({
        name: z.string(),
        uid: z.string(),
        result: z.enum(['repaired', 'failed']),
        what: z.string(),
      }),
    ),
  })
  .meta({ id: 'RepairResult' });

export const eventsQuery = z.strictObject({
  since: queryNumber.exactOptional().meta({ description: 'Events after this number; absent: from now on' }),
  follow: queryBoolean.exactOptional(),
});

/** One thing that happened. A `gap` event stands for those that fell off the end of the store. */
export const eventBody = z
  .strictObject({
    seq: z.int().positive(),
    time: z.string(),
    kind: z.string().meta({ description: 'vm, image, kernel, daemon, gap' }),
    action: z.string().meta({ description: 'create, start, die, stop, remove, pull, …' }),
    vm: z.string().exactOptional().meta({ description: 'UID' }),
    name: z.string().exactOptional(),
    attributes: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Event' });

export type EventBody = z.output<typeof eventBody>;
