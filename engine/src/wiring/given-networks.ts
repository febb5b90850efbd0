// Networks that others make, wired: where their configuration is, and where what they answered is kept.
import { dirname } from 'node:path';
import type { ConfigurationSpec } from '@ignite/api';
import { type Commands, makeFolder, writeFileAtomic } from '../host/index.ts';
import {
  type CniNic,
  createCniNetwork,
  createDockerBridge,
  type DockerNic,
  type GivenNetwork,
  type ReadText,
} from '../network/index.ts';
import { jsonFile, type State, stateFile } from '../state/index.ts';
import { DOCKER_SOCKET } from './open-supervisor.ts';

interface GivenNetworksInput {
  readonly state: State;
  readonly commands: Commands;
  readonly readText: ReadText;
  readonly configuration: Pick<ConfigurationSpec, 'cni' | 'docker'>;
  /** Path of ignite-spawn, which is also the program of the containers that hold a VM's place. */
  readonly spawn: string;
}

/** Where packages and the original put them. */
const CONFIGURATIONS = '/etc/cni/net.d';
const PLUGINS = ['/opt/cni/bin', '/usr/lib/cni'];

interface GivenNetworks {
  readonly cni: GivenNetwork<CniNic>;
  readonly docker: GivenNetwork<DockerNic>;
}

/** Drivers for a daemon that is root. Nothing is touched before a VM asks for one. */
export function openGivenNetworks(input: GivenNetworksInput): GivenNetworks {
  const { state, commands, readText, configuration, spawn } = input;
  const { instance, ordinal } = state;
  const cni = createCniNetwork({
    commands,
    instance,
    ordinal,
    folder: { path: configuration.cni?.configurations ?? CONFIGURATIONS, write: writeConfiguration },
    plugins: configuration.cni?.plugins ?? PLUGINS,
    store: (uid) => jsonFile(stateFile(state.root, 'vmCni', { uid })),
    readText,
  });
  const docker = createDockerBridge({
    commands,
    instance,
    ordinal,
    socket: configuration.docker?.socket ?? DOCKER_SOCKET,
    program: spawn,
    readText,
  });
  return { cni, docker };
}

/** The folder comes with CNI's packages, which a host need not have. */
async function writeConfiguration(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path), 0o755);
  await writeFileAtomic(path, text);
}
