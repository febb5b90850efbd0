// Networks that others make, wired: where their configuration is, and where what they answered is kept.
import type { ConfigurationSpec } from '@ignite/api';
import { type Commands, writeFileAtomic } from './host/index.ts';
import { type CniNic, createCniNetwork, type GivenNetwork, type ReadText } from './network/index.ts';
import { jsonFile, type State, stateFile } from './state/index.ts';

export interface GivenNetworksInput {
  readonly state: State;
  readonly commands: Commands;
  readonly readText: ReadText;
  readonly settings: ConfigurationSpec['cni'];
}

/** Where packages and the original put them. */
const CONFIGURATIONS = '/etc/cni/net.d';
const PLUGINS = ['/opt/cni/bin', '/usr/lib/cni'];

/** Drivers for a daemon that is root. Nothing is touched before a VM asks for one. */
export function openGivenNetworks(input: GivenNetworksInput): { readonly cni: GivenNetwork<CniNic> } {
  const { state, commands, readText, settings } = input;
  const { instance, ordinal } = state;
  const cni = createCniNetwork({
    commands,
    instance,
    ordinal,
    folder: { path: settings?.configurations ?? CONFIGURATIONS, write: writeFileAtomic },
    plugins: settings?.plugins ?? PLUGINS,
    store: (uid) => jsonFile(stateFile(state.root, 'vmCni', { uid })),
    readText,
  });
  return { cni };
}
