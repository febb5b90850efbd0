// `ignite gitops URL`: the daemon follows a repository while we stay (CLI rule 22).
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RequestBody } from '@ignite/api';
import { readSeconds } from '@ignite/api/durations';
import type { CommandContext } from '../context.ts';
import { escapeLines } from '../output/escape.ts';
import { readText } from '../request/files.ts';
import { pluginNetwork } from '../request/network-words.ts';
import { optional } from '../request/optional.ts';
import { runtimeWord } from '../request/runtime-word.ts';
import { usage } from '../usage-error.ts';

export async function run(context: CommandContext): Promise<number> {
  const { out, signal } = context;
  const client = await context.client();
  const body = await bodyOf(context);
  const report = (progress: { readonly kind: string; readonly text?: string }) => {
    if (progress.kind === 'note') out.note(escapeLines(progress.text ?? ''));
  };
  try {
    await client.attachSource(body, { signal, report });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return 0;
}

async function bodyOf({ flags, host, operands }: CommandContext): Promise<RequestBody<'attachSource'>> {
  const [url = ''] = operands;
  const home = host.env['HOME'] ?? homedir();
  const file = (name: string) => {
    const path = flags.string(name);
    if (path === undefined || path === '') return undefined;
    return path.startsWith('~/') ? join(home, path.slice(2)) : resolve(host.cwd, path);
  };
  const seconds = (name: string) => {
    const text = flags.string(name);
    return text === undefined ? undefined : secondsOf(name, text);
  };
  const tokenFile = file('https-token-file');
  const token =
    tokenFile === undefined
      ? (flags.string('https-password') ?? (host.env['IGNITE_GIT_TOKEN'] || undefined))
      : (await readText(tokenFile, '/')).trim();
  return {
    git: {
      url: url.startsWith('.') ? resolve(host.cwd, url) : url,
      ...optional('branch', flags.string('branch')),
      ...optional('path', flags.string('path')),
      ...optional('interval', seconds('interval')),
      ...optional('timeout', seconds('timeout')),
      ...optional('identityFile', file('identity-file')),
      ...optional('hostsFile', file('hosts-file')),
      ...optional('agentSocket', host.env['SSH_AUTH_SOCK'] || undefined),
      ...optional('username', flags.string('https-username')),
      ...optional('token', token),
      ...optional('credentialHelper', flags.string('credential-helper')),
      ...optional('caFile', file('ca-file')),
      ...optional('writeBack', writeBackMode(flags.string('write-back'))),
      ...optional('writeBranch', flags.string('write-branch')),
    },
    ...optional('selector', flags.string('selector')),
    defaults: {
      ...optional('runtime', runtimeWord(flags)),
      ...optional('networkPlugin', pluginNetwork(flags).mode),
      ...optional('idPrefix', flags.string('id-prefix') || undefined),
    },
  };
}

function writeBackMode(word: string | undefined): 'branch' | 'main' | 'ignite' | undefined {
  return word === 'branch' || word === 'main' || word === 'ignite' ? word : undefined; // choices of the flag
}

function secondsOf(flag: string, text: string): number {
  try {
    return readSeconds(text);
  } catch {
    throw usage(`--${flag} takes a duration such as 30s or 1m0s, not "${text}"`);
  }
}
