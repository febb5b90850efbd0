// Rewrites the daemon's errors about fields of a spec in terms of the flags that made it: a user who typed `--ip 1.2.3` never
// saw `spec.network.ip`.
import { IgniteError, isIgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import type { FlagValues } from '../argv/index.ts';

/** Beginnings of fields, and the flags that say them; the first that was typed is meant. */
const FLAGS: readonly (readonly [path: string, ...flags: string[]])[] = [
  ['metadata.name', 'name'],
  ['metadata.labels', 'label', 'label-file'],
  ['spec.kernel.oci', 'kernel-image'],
  ['spec.kernel.cmdLine', 'kernel-args'],
  ['spec.sandbox', 'sandbox-image'],
  ['spec.restartPolicy', 'restart'],
  ['spec.healthCheck.command', 'health-cmd'],
  ['spec.healthCheck.port', 'health-tcp', 'health-http'],
  ['spec.healthCheck.path', 'health-http'],
  ['spec.healthCheck.kind', 'health-tcp', 'health-http', 'health-cmd'],
  ['spec.healthCheck.interval', 'health-interval'],
  ['spec.healthCheck.timeout', 'health-timeout'],
  ['spec.healthCheck.startPeriod', 'health-start-period'],
  ['spec.healthCheck.retries', 'health-retries'],
  ['spec.network.interfaces', 'network'],
  ['spec.network.ip', 'ip', 'network'],
  ['spec.network.mac', 'mac', 'network'],
  ['spec.network.ports', 'ports'],
  ['spec.network.policy.allow', 'allow'],
  ['spec.network.policy', 'policy', 'allow'],
  ['spec.network', 'network', 'network-plugin'],
  ['spec.storage', 'volumes'],
  ['spec.tmpfs', 'tmpfs'],
  ['spec.copyFiles', 'copy-files'],
  ['spec.resources.diskIops', 'disk-iops'],
  ['spec.resources.diskBandwidth', 'disk-bw'],
  ['spec.resources.networkBandwidth', 'net-bw'],
  ['spec.resources.cpuLimit', 'cpu-limit'],
  ['spec.resources.pids', 'pids-limit'],
  ['spec.entrypoint', 'entrypoint'],
  ['spec.env', 'env', 'env-file'],
  ['spec.workdir', 'workdir'],
  ['spec.user', 'user'],
  ['spec.hostname', 'hostname'],
  ['spec.stopSignal', 'stop-signal'],
  ['spec.ssh', 'ssh'],
  ['resources.diskIops', 'disk-iops'],
  ['resources.diskBandwidth', 'disk-bw'],
  ['resources.networkBandwidth', 'net-bw'],
];

/** The same error with the flags that were typed instead of the fields they make; any other error as it is. */
export function inFlagWords(
  error: unknown,
  { command, flags }: Pick<CommandContext, 'command' | 'flags'>,
): unknown {
  if (!isIgniteError(error, 'api/invalid-object') && !isIgniteError(error, 'daemon/bad-request'))
    return error;
  const fields = /(?:metadata|spec|resources)\.[a-zA-Z.]+(?:\[\d+\][a-zA-Z.]*|\.\d+[a-zA-Z.]*)*(:(?= ))?/g;
  const all: string[] = [];
  let others = 0;
  const message = error.message.replace(fields, (field) => {
    const flag = flagOf(field.replace(/:$/, ''), flags);
    if (flag === undefined) others += 1;
    else all.push(flag);
    return flag === undefined ? field : `--${flag}`;
  });
  if (all.length === 0) return error;
  const told = message.replace(/^The (?:VM.*?|body of the request) is (?:invalid|wrong): /, '');
  const { cause, details, stage } = error;
  return new IgniteError('api/invalid-object', others === 0 ? told : message, {
    cause,
    details: { ...details, hint: hintFor([...new Set(all)], command.path.join(' ')) },
    ...(stage === undefined ? {} : { stage }),
  });
}

/** The flag that made a field: undefined for one that a manifest or the Configuration said. */
function flagOf(field: string, flags: FlagValues): string | undefined {
  const row = FLAGS.find(([path]) => field.startsWith(path) && /^([.[]|$)/.test(field.slice(path.length)));
  return row?.slice(1).find((flag) => flags.has(flag));
}

function hintFor(flags: readonly string[], command: string): string {
  const typed = flags.map((flag) => `--${flag}`).join(', ');
  return `Type ${typed} anew; \`ignite help ${command}\` tells what each takes. Nothing was made or changed.`;
}
