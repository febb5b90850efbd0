// `--network NETWORK[,OPTION=VALUE…]`, `--ip`, `--mac`: which networks, and what the VM is given there; and the original's
// word for it.
import type { RequestBody } from '@ignite/api';
import { DEFAULT_NETWORK_NAMES, isNetworkName } from '@ignite/api/names';
import type { FlagValues } from '../argv/index.ts';
import { usage } from '../usage-error.ts';

type Network = NonNullable<RequestBody<'createVm'>['spec']['network']>;
type Nic = NonNullable<Network['interfaces']>[number];

/** The part of the spec that the flags say. @throws IgniteError `cli/usage` */
export function networkFlags(flags: FlagValues): Network {
  const [ip, mac] = [flags.string('ip'), flags.string('mac')];
  return {
    ...pluginNetwork(flags),
    ...networkWords(flags.list('network')),
    ...(ip === undefined ? {} : { ip }),
    ...(mac === undefined ? {} : { mac }),
  };
}

/**
 * The part of the spec that `--network` says: the first word is the first NIC, each further one another; nothing for
 * Docker's `default` alone, which is the daemon's.
 * @throws IgniteError `cli/usage`
 */
export function networkWords([first, ...further]: readonly string[]): Network {
  if (first === undefined) return {};
  const [mode = '', ...options] = first.split(',');
  if (further.length > 0) return { ...bridgeNetwork(mode, options), interfaces: further.map(furtherNic) };
  if (mode === 'cni' || mode.startsWith('cni:')) return cniNetwork(mode, options);
  if (mode === 'user') return userNetwork(options);
  if (mode !== 'none' && mode !== 'docker-bridge') return bridgeNetwork(mode, options);
  if (options.length > 0) throw usage(`--network ${mode} takes no options: "${options.join(',')}"`);
  return { mode };
}

/** `bridge`, `default`, or a network that was made. */
function bridgeNetwork(word: string, options: readonly string[]): Network {
  const nic = nicOf(word, options);
  return { ...(word === 'default' && options.length === 0 ? {} : { mode: 'bridge' as const }), ...nic };
}

function furtherNic(word: string): Nic {
  const [name = '', ...options] = word.split(',');
  return nicOf(name, options);
}

function nicOf(word: string, options: readonly string[]): Nic {
  const isDefault = DEFAULT_NETWORK_NAMES.includes(word);
  if (!isDefault && !isNetworkName(word))
    throw usage(
      `--network ${word}: only bridge and networks of \`ignite network create\` go together, or one of user, cni, docker-bridge and none alone`,
    );
  const nic: Nic = isDefault ? {} : { name: word };
  for (const option of options) {
    const [, key, value = ''] = /^(ip|mac|bw)=(.+)$/.exec(option) ?? [];
    if (key === 'ip') nic.ip = value;
    else if (key === 'mac') nic.mac = value;
    else if (key === 'bw') nic.bandwidth = value;
    else throw usage(`--network ${word} takes the options ip=ADDRESS, mac=MAC and bw=SIZE, not "${option}"`);
  }
  return nic;
}

function userNetwork(options: readonly string[]): Network {
  const loopback = options.map(hostLoopback).at(-1);
  return { mode: 'user', ...(loopback === undefined ? {} : { hostLoopback: loopback }) };
}

/** `cni`, `cni:NAME`. */
function cniNetwork(word: string, options: readonly string[]): Network {
  if (options.length > 0) throw usage(`--network cni takes no options: "${options.join(',')}"`);
  const name = word.slice('cni:'.length);
  if (word !== 'cni' && name === '') throw usage('--network cni:NAME needs the name of a configuration');
  return { mode: 'cni', ...(name === '' ? {} : { name }) };
}

const PLUGINS = ['bridge', 'user', 'cni', 'docker-bridge'] as const;

/**
 * The network that `--network-plugin` names (CLI rule 23); nothing without the flag.
 * @throws IgniteError `cli/usage`
 */
export function pluginNetwork(flags: FlagValues): { readonly mode?: (typeof PLUGINS)[number] } {
  const word = flags.string('network-plugin');
  const plugin = PLUGINS.find((one) => one === word);
  if (plugin === undefined) return {};
  const { mode = plugin } = networkWords(flags.list('network'));
  if (mode !== plugin) throw usage(`--network-plugin ${plugin} and --network ${mode} name two networks`);
  return { mode: plugin };
}

function hostLoopback(option: string): boolean {
  if (option === 'host-loopback=allow') return true;
  if (option === 'host-loopback=deny') return false;
  throw usage(`--network user takes the option host-loopback=allow or host-loopback=deny, not "${option}"`);
}
