// `spec.healthCheck`: how a VM is checked. Docker's fields and defaults, and kinds of our own in addition to its commands.
import { z } from 'zod';
import { port } from './fields.ts';

/** `exec`: a command in the guest; `http`, `tcp`: its address; `agent`: only that the guest answers; `none`: no check. */
export const HEALTH_KINDS = ['exec', 'http', 'tcp', 'agent', 'none'] as const;

const seconds = z.number().nonnegative().max(86_400);

export const healthCheck = z.strictObject({
  kind: z
    .enum(HEALTH_KINDS)
    .exactOptional()
    .meta({ description: 'Absent: the image’s check, with the times given here' }),
  command: z.array(z.string()).exactOptional().meta({ description: 'exec: words; exit code 0 is healthy' }),
  port: port.exactOptional().meta({ description: 'http, tcp: port of the VM' }),
  path: z.string().exactOptional().meta({ description: 'http: below 400 is healthy. Absent: /' }),
  interval: seconds.exactOptional().meta({ description: 'Seconds from one check to the next; default 30' }),
  timeout: seconds.exactOptional().meta({ description: 'Seconds one check may take; default 30' }),
  startPeriod: seconds
    .exactOptional()
    .meta({ description: 'Seconds after the start in which failures do not count; default 0' }),
  retries: z
    .int()
    .nonnegative()
    .max(1000)
    .exactOptional()
    .meta({ description: 'Failures in a row; default 3' }),
});

export type HealthCheck = z.output<typeof healthCheck>;
