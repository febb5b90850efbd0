// What the bridge driver is given.
import type { Clock, Commands } from '../host/index.ts';
import { type NetworkNames, networkNames } from './names.ts';
import type { NetworkStore } from './record.ts';
import type { ReadText } from './resolvers.ts';

export interface NetworkOptions {
  readonly commands: Commands;
  readonly clock: Clock;
  /** The engine's random instance id and its number on this host (format.json). */
  readonly instance: string;
  readonly ordinal: number;
  /** Boot id of the host: switches that were turned in another boot are turned back already. */
  readonly bootId: string;
  readonly store: NetworkStore;
  /** Reads resolv.conf and its like. */
  readonly readText: ReadText;
}

/** The options with the names that follow from them; what the parts of the driver hand around. */
export interface NetworkParts extends NetworkOptions {
  readonly names: NetworkNames;
}

/** Completes the options. */
export function networkParts(options: NetworkOptions): NetworkParts {
  return { ...options, names: networkNames(options.instance, options.ordinal) };
}
