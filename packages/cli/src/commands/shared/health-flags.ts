// Flags of `create` and `run` for health checks: Docker's, and those for what it has no words for.
import type { FlagSpec } from '../../argv/grammar.ts';

/** How a VM is asked whether it is healthy. */
export const healthFlags: readonly FlagSpec[] = [
  {
    long: 'health-cmd',
    kind: 'string',
    value: 'COMMAND',
    help: 'Command in the VM that tells by exit code 0 that it is healthy',
    fallback: "the image's",
  },
  {
    long: 'health-http',
    kind: 'string',
    value: 'PORT[/PATH]',
    help: 'Healthy while this page of the VM answers below 400',
  },
  {
    long: 'health-tcp',
    kind: 'int',
    value: 'PORT',
    range: [1, 65_535],
    help: 'Healthy while this port of the VM takes connections',
  },
  { long: 'health-agent', kind: 'bool', help: 'Healthy while the guest answers at all' },
  {
    long: 'health-interval',
    kind: 'string',
    value: 'DURATION',
    help: 'Time between checks',
    fallback: '30s',
  },
  {
    long: 'health-timeout',
    kind: 'string',
    value: 'DURATION',
    help: 'Time one check may take',
    fallback: '30s',
  },
  {
    long: 'health-retries',
    kind: 'int',
    value: 'N',
    help: 'Failures in a row that make it unhealthy',
    fallback: '3',
  },
  {
    long: 'health-start-period',
    kind: 'string',
    value: 'DURATION',
    help: 'Time to start in which failures do not count',
    fallback: '0s',
  },
  { long: 'no-healthcheck', kind: 'bool', help: "No health check, not even the image's" },
];
