// What the bridge driver is given.
import type { Clock, Commands } from '../../host/index.ts';
import { type NetworkNames, networkNames } from '../names.ts';
import type { NameService } from '../dns/index.ts';
import type { NetworkStore } from './record.ts';
import type { ReadText } from '../resolvers.ts';

export interface NetworkOptions {
  readonly commands: Commands;
  readonly clock: Clock;
  /** The engine's random instance id and its number on this host (format.json). */
  readonly instance: string;
  readonly ordinal: number;
  /** Boot id of the host: switches that were turned in another boot are turned back already. */
  readonly bootId: string;
  readonly store: NetworkStore;
  /** The other engines of this host; absent: there are none. */
  readonly neighbours?: Neighbours;
  /** Answers guests' questions for names; absent: they are passed on to the host's resolvers, and VMs have no names. */
  readonly nameService?: NameService;
  /** What the host's Configuration says of the default network. */
  readonly settings?: NetworkSettings;
  /** Reads resolv.conf and its like. */
  readonly readText: ReadText;
}

/** The other engines of this host, which choose subnets for their networks as this one does. */
export interface Neighbours {
  /** Runs while none of them chooses. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Subnets of their networks, which have a route only while they are used. */
  subnets(): Promise<readonly string[]>;
}

/** What the user asked for a network; what is absent is chosen. */
export interface NetworkSettings {
  /** `10.80.0.0/16` */
  readonly subnet?: string;
  /** Resolvers instead of the host's. */
  readonly dns?: readonly string[];
  readonly mtu?: number;
}

/** The options with the names of one network; what the parts of the driver hand around. */
export interface NetworkParts extends NetworkOptions {
  /** Number of the network; 0 is the default one. */
  readonly index: number;
  readonly names: NetworkNames;
}

/** Completes the options for one network. */
export function networkParts(options: NetworkOptions, index = 0): NetworkParts {
  return { ...options, index, names: networkNames(options.instance, options.ordinal, index) };
}
