// `--network NETWORK[,OPTION=VALUE…]`: which network, and what is allowed there; and the original's word for it.
import type { RequestBody } from '@ignite/api';
import { IgniteError } from '@ignite/api/errors';
import type { FlagValues } from '../argv/index.ts';
import { usage } from '../usage-error.ts';

type Network = NonNullable<RequestBody<'createVm'>['spec']['network']>;

/**
 * The part of the spec that the flag says; nothing for Docker's `default`, which is the daemon's.
 * @throws IgniteError `cli/not-available`, `cli/usage`
 */
export function networkWords(word: string | undefined): Network {
  const [mode, ...options] = word?.split(',') ?? [];
  if (mode === undefined) return {};
  if (mode === 'cni' || mode.startsWith('cni:')) return cniNetwork(mode, options);
  if (!isMode(mode))
    throw new IgniteError(
      'cli/not-available',
      `--network ${mode}: this version has the networks bridge, user, cni, docker-bridge and none`,
    );
  const loopback = options.map(hostLoopback).at(-1);
  return {
    ...(mode === 'default' ? {} : { mode }),
    ...(loopback === undefined ? {} : { hostLoopback: loopback }),
  };
}

const MODES = ['bridge', 'user', 'docker-bridge', 'none', 'default'] as const;

function isMode(word: string): word is (typeof MODES)[number] {
  return MODES.some((mode) => mode === word);
}

/** `cni`, `cni:NAME`. */
function cniNetwork(word: string, options: readonly string[]): Network {
  if (options.length > 0) throw usage(`--network cni takes no options: "${options.join(',')}"`);
  const name = word.slice('cni:'.length);
  if (word !== 'cni' && name === '') throw usage('--network cni:NAME needs the name of a configuration');
  return { mode: 'cni', ...(name === '' ? {} : { name }) };
}

/**
 * The network that `--network-plugin` names (CLI rule 23); nothing without the flag.
 * @throws IgniteError `cli/usage`
 */
export function pluginNetwork(flags: FlagValues): Network {
  const plugin = flags.string('network-plugin');
  if (plugin === undefined) return {};
  if (plugin !== 'bridge' && plugin !== 'cni' && plugin !== 'docker-bridge')
    throw usage(`--network-plugin takes one of bridge, cni, docker-bridge, not "${plugin}"`);
  const { mode = plugin } = networkWords(flags.string('network'));
  if (mode !== plugin) throw usage(`--network-plugin ${plugin} and --network ${mode} name two networks`);
  return { mode };
}

function hostLoopback(option: string): boolean {
  if (option === 'host-loopback=allow') return true;
  if (option === 'host-loopback=deny') return false;
  throw usage(`--network takes the option host-loopback=allow or host-loopback=deny, not "${option}"`);
}
