// `ignite login` and `ignite logout` as data.
import type { CommandSpec } from '../argv/spec.ts';
import type { FlagSpec } from '../argv/grammar.ts';
import { pullFlags } from './shared/create-flags.ts';

const directory: readonly FlagSpec[] = pullFlags.filter((flag) => flag.long === 'registry-config-dir');

/** Log in to a registry. */
export const login: CommandSpec = {
  path: ['login'],
  summary: 'Log in to a registry',
  description: `Checks user name and password at a registry and keeps them in Docker's config.json, readable to you alone, or in the
credential helper which that file names. Docker and Ignite share their logins. Without REGISTRY it is Docker Hub.`,
  operands: '[REGISTRY]',
  fewest: 0,
  most: 1,
  flags: [
    { long: 'username', short: 'u', kind: 'string', value: 'USER', help: 'User name', fallback: 'asked for' },
    {
      long: 'password',
      short: 'p',
      kind: 'string',
      value: 'PASSWORD',
      help: 'Password or token; others see it in the list of processes',
      fallback: 'asked for',
    },
    { long: 'password-stdin', kind: 'bool', help: 'Read the password from stdin' },
    ...pullFlags,
  ],
  examples: [
    { text: 'With a token', command: 'echo "$TOKEN" | ignite login ghcr.io -u me --password-stdin' },
  ],
  load: () => import('../run/login.ts'),
};

/** Forget a login. */
export const logout: CommandSpec = {
  path: ['logout'],
  summary: 'Forget the login to a registry',
  description: `Removes the login to a registry from Docker's config.json, or from the credential helper which that file names.
Without REGISTRY it is Docker Hub.`,
  operands: '[REGISTRY]',
  fewest: 0,
  most: 1,
  flags: directory,
  examples: [{ text: 'Log out', command: 'ignite logout ghcr.io' }],
  load: () => import('../run/logout.ts'),
};
