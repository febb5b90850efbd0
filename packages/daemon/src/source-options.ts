// The words of `ignited daemon` and `ignited gitops`, the original's (IGD-04 to IGD-11) and ours.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type AttachSource, type GitSource, IgniteError, type WriteBackMode } from '@ignite/api';
import { readSeconds } from '@ignite/api/durations';

/** Flags of both, for parseArgs. */
export const SOURCE_OPTIONS = {
  manifests: { type: 'string' },
  branch: { type: 'string', short: 'b' },
  path: { type: 'string' },
  interval: { type: 'string' },
  timeout: { type: 'string' },
  'identity-file': { type: 'string' },
  'hosts-file': { type: 'string' },
  'https-username': { type: 'string' },
  'https-password': { type: 'string' },
  'https-token-file': { type: 'string' },
  'credential-helper': { type: 'string' },
  'ca-file': { type: 'string' },
  'write-back': { type: 'string' },
  'write-branch': { type: 'string' },
  selector: { type: 'string', short: 'l' },
} as const;

const MANIFESTS = '/etc/firecracker/manifests';

type Values = { readonly [K in keyof typeof SOURCE_OPTIONS]?: string | undefined };
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The sources that the words after `ignited` name; none without such a word.
 * @throws IgniteError `daemon/usage`
 */
export function readSources(
  words: readonly string[],
  values: Values,
  env: Environment,
): readonly AttachSource[] {
  const [command, ...operands] = words;
  const selection = values.selector === undefined ? {} : { selector: values.selector };
  if (command === undefined || command === 'version' || command === 'completion') return [];
  if (command === 'daemon') {
    if (operands.length > 0) throw usage(`ignited daemon takes no operand, but got "${operands[0]}"`);
    return [{ folder: { path: resolve(values.manifests ?? MANIFESTS) }, ...selection }];
  }
  if (command !== 'gitops')
    throw usage(`"${command}" is no command of ignited; it has daemon, gitops, version and completion`);
  if (operands.length === 0) throw usage('ignited gitops needs the URL of a repository');
  return operands.map((url) => ({ git: readGit(url, values, env), ...selection }));
}

function readGit(url: string, values: Values, env: Environment): GitSource {
  const token = tokenOf(values, env);
  const file = (path: string | undefined) =>
    path === undefined || path === '' ? undefined : expanded(path, env);
  return {
    url: url.startsWith('.') ? resolve(url) : url,
    ...given('branch', values.branch),
    ...given('path', values.path),
    ...(values.interval === undefined ? {} : { interval: seconds('interval', values.interval) }),
    ...(values.timeout === undefined ? {} : { timeout: seconds('timeout', values.timeout) }),
    ...given('identityFile', file(values['identity-file'])),
    ...given('hostsFile', file(values['hosts-file'])),
    ...given('agentSocket', env['SSH_AUTH_SOCK'] || undefined),
    ...given('username', values['https-username']),
    ...given('token', token),
    ...given('credentialHelper', values['credential-helper']),
    ...given('caFile', file(values['ca-file'])),
    ...given('writeBack', writeBack(values['write-back'])),
    ...given('writeBranch', values['write-branch']),
  };
}

function writeBack(word: string | undefined): WriteBackMode | undefined {
  if (word === undefined || word === 'branch' || word === 'main' || word === 'ignite') return word;
  throw usage(`--write-back is branch, main or ignite, not "${word}"`);
}

function tokenOf(values: Values, env: Environment): string | undefined {
  const file = values['https-token-file'];
  if (file === undefined) return values['https-password'] ?? (env['IGNITE_GIT_TOKEN'] || undefined);
  try {
    return readFileSync(expanded(file, env), 'utf8').trim();
  } catch (cause) {
    throw new IgniteError('daemon/usage', `The token in ${file} could not be read`, { cause });
  }
}

function expanded(path: string, env: Environment): string {
  return path.startsWith('~/') ? join(env['HOME'] ?? homedir(), path.slice(2)) : resolve(path);
}

function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>); // a computed key widens
}

function seconds(flag: string, text: string): number {
  try {
    return readSeconds(text);
  } catch {
    throw usage(`--${flag} takes a duration such as 30s or 1m0s, not "${text}"`);
  }
}

function usage(message: string): IgniteError {
  return new IgniteError('daemon/usage', message);
}
