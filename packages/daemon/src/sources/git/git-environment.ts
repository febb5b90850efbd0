// How git is run: no configuration of the host's users, no hooks, no questions, one protocol, and secrets only in the
// environment, never in arguments that everybody can read.
import type { GitSource } from '@ignite/api';
import type { GitUrl } from './git-url.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const SSH_CONNECT_SECONDS = 20;

/** @param home for credential helpers, which keep their files there */
export function gitEnvironment(
  source: GitSource,
  url: GitUrl,
  gitConfig: string,
  host: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const settings: (readonly [string, string])[] = [
    ['protocol.allow', 'never'],
    [`protocol.${url.kind}.allow`, 'always'],
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['gc.autoDetach', 'false'],
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '30'],
    ...(source.credentialHelper === undefined
      ? []
      : [['credential.helper', source.credentialHelper] as const]),
    ...(source.caFile === undefined ? [] : [['http.sslCAInfo', source.caFile] as const]),
    ...tokenSettings(source, url),
  ];
  return {
    PATH,
    LC_ALL: 'C',
    HOME: host['HOME'] ?? '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: gitConfig,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_NO_LAZY_FETCH: '1',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
    ...proxies(host),
    ...(url.kind === 'ssh' ? sshEnvironment(source) : {}),
  };
}

/** Basic authentication, sent to this server alone. */
function tokenSettings({ username, token }: GitSource, { kind, url }: GitUrl): (readonly [string, string])[] {
  if (kind !== 'https' || token === undefined) return [];
  const { origin } = new URL(url);
  const basic = Buffer.from(`${username ?? 'git'}:${token}`).toString('base64');
  return [[`http.${origin}/.extraHeader`, `Authorization: Basic ${basic}`]];
}

function sshEnvironment({ identityFile, hostsFile, agentSocket }: GitSource): Record<string, string> {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `ConnectTimeout=${SSH_CONNECT_SECONDS}`,
    'ServerAliveInterval=15',
    ...(identityFile === undefined ? [] : ['IdentitiesOnly=yes', `IdentityFile="${identityFile}"`]),
    ...(hostsFile === undefined ? [] : [`UserKnownHostsFile="${hostsFile}"`]),
  ];
  const words = ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option])];
  return {
    GIT_SSH_VARIANT: 'ssh',
    GIT_SSH_COMMAND: words.map(quoted).join(' '),
    ...(agentSocket === undefined ? {} : { SSH_AUTH_SOCK: agentSocket }),
  };
}

/** GIT_SSH_COMMAND goes through a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function proxies(host: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(host).flatMap(([name, value]) =>
      value !== undefined && /^(https?|no|all)_proxy$/i.test(name) ? [[name, value]] : [],
    ),
  );
}
