// The network room, wired: which drivers this daemon can have, and which one is meant where nobody names one.
import { readFile } from 'node:fs/promises';
import type { Clock, Commands } from '../host/index.ts';
import {
  createNameService,
  createNetwork,
  createNetworks,
  createUserNetwork,
  hostResolvers,
  type Neighbours,
  type Network,
} from '../network/index.ts';
import { type HostEngines, networkFiles, type State } from '../state/index.ts';
import type { EngineOptions } from './engine.ts';
import { openGivenNetworks } from './given-networks.ts';

/** The network room of this daemon; one that is not root has user networks only. */
export function openNetwork(
  state: State,
  clock: Clock,
  commands: Commands,
  { configuration, complain, programs: { spawn } }: EngineOptions,
): Network {
  const readText = (path: string) => readFile(path, 'utf8');
  const user = createUserNetwork({ commands, readText });
  if (process.getuid?.() !== 0) return createNetworks({ user });
  const bridge = createNetwork({
    commands,
    clock,
    instance: state.instance,
    ordinal: state.ordinal,
    bootId: state.bootId,
    store: networkFiles(state.root),
    ...(state.engines === undefined ? {} : { neighbours: neighboursOf(state.engines) }),
    ...(configuration.network === undefined ? {} : { settings: configuration.network }),
    readText,
    nameService: createNameService({ hostResolvers: () => hostResolvers(readText), complain }),
  });
  const given = openGivenNetworks({ state, commands, readText, configuration, spawn });
  const { networkPlugin } = configuration;
  return createNetworks({
    bridge,
    user,
    ...given,
    ...(networkPlugin === undefined ? {} : { defaultMode: networkPlugin }),
  });
}

/** What cannot be read of an engine that may be gone is no reason to make no network. */
function neighboursOf({ alone, others }: HostEngines): Neighbours {
  const subnetsOf = async (root: string): Promise<readonly string[]> => {
    const records = await networkFiles(root)
      .all()
      .catch(() => []);
    return records.flatMap((record) => subnetOf(record) ?? []);
  };
  return { alone, subnets: async () => (await Promise.all((await others()).map(subnetsOf))).flat() };
}

function subnetOf(record: unknown): string | undefined {
  if (typeof record !== 'object' || record === null || !('subnet' in record)) return undefined;
  return typeof record.subnet === 'string' ? record.subnet : undefined;
}
