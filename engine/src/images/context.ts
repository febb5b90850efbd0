// What every operation of the room works with.
import type { Clock } from '../host/index.ts';
import type { Feeds } from './feeds.ts';
import type { ImportLimits } from './limits.ts';
import type { RegistrySettings } from './registry/index.ts';
import type { Collector, Conversion, ImagePaths, IndexFile, Pins } from './store/index.ts';
import type { SharedWork } from '../work/index.ts';
import type { Workers } from '../worker/index.ts';

export interface ImagesContext {
  readonly paths: ImagePaths;
  readonly clock: Clock;
  readonly limits: ImportLimits;
  readonly registry: RegistrySettings;
  /** Of this host, by Go's names: `amd64`. */
  readonly architecture: string;
  readonly workers: Workers;
  readonly index: IndexFile;
  /** Images of VMs that are being made. */
  readonly leases: Pins;
  readonly feeds: Feeds;
  /** Conversions by manifest digest and the registry that its layers come from. */
  readonly conversions: SharedWork<Conversion>;
  /** 16 random hex digits. */
  readonly newUid: () => string;
  /** Removes what nothing needs any more. */
  readonly garbage: Collector;
}
