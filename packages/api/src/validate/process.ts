// Rules for what runs in the guest: words, environment, directory, signal, restart policy, kernel words, key.
import type { VmSpecInput } from '../kinds/vm-spec.ts';
import { LIMITS } from '../limits.ts';
import { isVmName } from '../names/names.ts';
import type { Violation } from './violation.ts';

/** COMMAND_LINE_SIZE of x86 and arm64 Linux (arch/x86/include/asm/setup.h), less what the driver adds. */
const CMDLINE_MAX = 1536;

/** Violations in what the spec says about command, environment, user and working directory. */
export function validateProcess(spec: VmSpecInput): Violation[] {
  return [
    ...validateWords('spec.command', spec.command, LIMITS.commandWords),
    ...validateWords('spec.entrypoint', spec.entrypoint, LIMITS.commandWords),
    ...validateWords('spec.env', spec.env, LIMITS.environment),
    ...(spec.env ?? []).flatMap((word, index) =>
      word.indexOf('=') > 0 ? [] : [{ path: `spec.env[${index}]`, message: 'must be NAME=value' }],
    ),
    ...validateDirectory(spec.workdir),
    ...validateHostname(spec.hostname),
    ...validateSignal(spec.stopSignal),
    ...validateRestart(spec.restartPolicy),
    ...validateCmdLine(spec.kernel?.cmdLine),
    ...validateSsh(spec.ssh),
    ...validateHealth(spec),
  ];
}

function validateWords(path: string, words: readonly string[] | undefined, most: number): Violation[] {
  if (words === undefined) return [];
  const withNul = words.findIndex((word) => word.includes('\0'));
  return [
    ...(words.length > most ? [{ path, message: `has more than ${most} words` }] : []),
    ...(withNul >= 0 ? [{ path: `${path}[${withNul}]`, message: 'must not hold a NUL character' }] : []),
  ];
}

function validateDirectory(workdir: string | undefined): Violation[] {
  if (workdir === undefined || workdir === '' || (workdir.startsWith('/') && !workdir.includes('\0')))
    return [];
  return [{ path: 'spec.workdir', message: 'must be an absolute path' }];
}

function validateHostname(hostname: string | undefined): Violation[] {
  if (hostname === undefined || hostname === '') return [];
  if (hostname.length <= LIMITS.hostnameLength && isVmName(hostname.toLowerCase())) return [];
  const message = `must be letters, digits, "-" and ".", at most ${LIMITS.hostnameLength} characters`;
  return [{ path: 'spec.hostname', message }];
}

function validateSignal(signal: string | undefined): Violation[] {
  if (signal === undefined || signal === '' || /^(?:SIG)?[A-Z][A-Z0-9+-]{1,11}$/i.test(signal)) return [];
  if (/^[0-9]{1,2}$/.test(signal) && Number(signal) >= 1 && Number(signal) <= 64) return [];
  return [{ path: 'spec.stopSignal', message: 'must be a signal: SIGTERM, TERM or 15' }];
}

function validateRestart(policy: VmSpecInput['restartPolicy']): Violation[] {
  if (policy?.maximumRetryCount === undefined || policy.name === 'on-failure') return [];
  return [{ path: 'spec.restartPolicy.maximumRetryCount', message: 'goes with on-failure only' }];
}

function validateHealth({ healthCheck, network }: VmSpecInput): Violation[] {
  if (healthCheck === undefined) return [];
  const { kind, command, port, path } = healthCheck;
  const at = (field: string, message: string): Violation[] => [
    { path: `spec.healthCheck.${field}`, message },
  ];
  const dials = kind === 'http' || kind === 'tcp';
  if (kind === 'exec' && (command === undefined || command.length === 0))
    return at('command', 'must have the words of a command');
  if (kind !== 'exec' && command !== undefined) return at('command', 'goes with kind exec only');
  if (dials && port === undefined) return at('port', 'must be a port of the VM');
  if (!dials && port !== undefined) return at('port', 'goes with kinds http and tcp only');
  if (path !== undefined && (kind !== 'http' || !path.startsWith('/')))
    return at('path', 'goes with kind http, and begins with /');
  if (dials && network?.mode === 'none') return at('kind', `${kind} needs a network`);
  return validateWords('spec.healthCheck.command', command, LIMITS.commandWords);
}

function validateCmdLine(cmdLine: string | undefined): Violation[] {
  if (cmdLine === undefined) return [];
  if (cmdLine.length <= CMDLINE_MAX && !/[\u0000-\u001f\u007f]/.test(cmdLine)) return [];
  return [{ path: 'spec.kernel.cmdLine', message: `must be one line of at most ${CMDLINE_MAX} characters` }];
}

function validateSsh(ssh: VmSpecInput['ssh']): Violation[] {
  if (typeof ssh !== 'string' || !/[\0\n\r]/.test(ssh.trimEnd())) return [];
  return [{ path: 'spec.ssh', message: 'must be one public key, or the path of one' }];
}
