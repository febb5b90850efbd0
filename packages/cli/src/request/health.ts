// From the health flags to `spec.healthCheck`.
import type { RequestBody } from '@ignite/api';
import { IgniteError } from '@ignite/api/errors';
import { readSeconds } from '@ignite/api/durations';
import type { FlagValues } from '../argv/index.ts';
import { usage } from '../usage-error.ts';
import { optional } from './optional.ts';

type HealthCheck = NonNullable<RequestBody<'createVm'>['spec']['healthCheck']>;

/** What the flags ask for over what the manifest has; undefined where neither says anything. @throws IgniteError `cli/usage` */
export function readHealth(flags: FlagValues, base: HealthCheck | undefined): HealthCheck | undefined {
  const [how, more] = kinds(flags);
  if (more !== undefined)
    throw usage('Only one of --health-cmd, --health-http, --health-tcp, --health-agent and --no-healthcheck');
  const times = {
    ...optional('interval', seconds(flags, 'health-interval')),
    ...optional('timeout', seconds(flags, 'health-timeout')),
    ...optional('startPeriod', seconds(flags, 'health-start-period')),
    ...optional('retries', flags.int('health-retries')),
  };
  if (how === undefined && Object.keys(times).length === 0) return base;
  if (how?.kind === 'none' && Object.keys(times).length > 0)
    throw usage('--no-healthcheck goes with no other --health flag');
  return { ...(how === undefined ? base : { ...timesOf(base), ...how }), ...times };
}

function kinds(flags: FlagValues): readonly HealthCheck[] {
  const [command, http, tcp] = [
    flags.string('health-cmd'),
    flags.string('health-http'),
    flags.int('health-tcp'),
  ];
  const asked: HealthCheck[] = [];
  if (command !== undefined) asked.push({ kind: 'exec', command: ['/bin/sh', '-c', command] });
  if (http !== undefined) asked.push(readHttp(http));
  if (tcp !== undefined) asked.push({ kind: 'tcp', port: tcp });
  if (flags.bool('health-agent')) asked.push({ kind: 'agent' });
  if (flags.bool('no-healthcheck')) asked.push({ kind: 'none' });
  return asked;
}

function timesOf(base: HealthCheck | undefined): HealthCheck {
  const { kind: _kind, command: _command, port: _port, path: _path, ...times } = base ?? {};
  return times;
}

function readHttp(text: string): HealthCheck {
  const [, port, path] = /^:?(\d{1,5})(\/.*)?$/.exec(text) ?? [];
  if (port === undefined)
    throw usage(`--health-http takes a port and a path such as 80/ready, not "${text}"`);
  return { kind: 'http', port: Number(port), ...optional('path', path) };
}

function seconds(flags: FlagValues, flag: string): number | undefined {
  const text = flags.string(flag);
  if (text === undefined) return undefined;
  try {
    return readSeconds(text);
  } catch (cause) {
    throw new IgniteError('cli/usage', `--${flag} takes a duration such as 30s or 1m30s, not "${text}"`, {
      cause,
    });
  }
}
