// `--network NETWORK[,OPTION=VALUE…]`: which network, and what is allowed there.
import type { RequestBody } from '@ignite/api';
import { IgniteError } from '@ignite/api/errors';
import { usage } from '../usage-error.ts';

type Network = NonNullable<RequestBody<'createVm'>['spec']['network']>;

/**
 * The part of the spec that the flag says; nothing for Docker's `default`, which is the daemon's.
 * @throws IgniteError `cli/not-available`, `cli/usage`
 */
export function networkWords(word: string | undefined): Network {
  const [mode, ...options] = word?.split(',') ?? [];
  if (mode === undefined) return {};
  if (mode !== 'bridge' && mode !== 'user' && mode !== 'none' && mode !== 'default')
    throw new IgniteError(
      'cli/not-available',
      `--network ${mode}: this version has the networks bridge, user and none`,
    );
  const loopback = options.map(hostLoopback).at(-1);
  return {
    ...(mode === 'default' ? {} : { mode }),
    ...(loopback === undefined ? {} : { hostLoopback: loopback }),
  };
}

function hostLoopback(option: string): boolean {
  if (option === 'host-loopback=allow') return true;
  if (option === 'host-loopback=deny') return false;
  throw usage(`--network takes the option host-loopback=allow or host-loopback=deny, not "${option}"`);
}
