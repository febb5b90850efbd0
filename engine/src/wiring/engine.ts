// What an engine is to the daemon, and what it is made from.
import type { Socket } from 'node:net';
import type { ConfigurationSpec, HandlerBody, HandlerResult } from '@ignite/api';
import type { Declare } from '../declare/index.ts';
import type { Architecture, Clock, Commands, Peer } from '../host/index.ts';
import type { ImageRecord, Images } from '../images/index.ts';
import type { Janitor } from '../janitor/index.ts';
import type { Kernels } from '../kernels/index.ts';
import type { Call, Complain, Vms } from '../lifecycle/index.ts';
import type { Audit, Events, SourcePlace } from '../state/index.ts';
import type { VmmDriver } from '../vmm/index.ts';

export interface EngineOptions {
  /** Absolute path: `/var/lib/ignite`. */
  readonly stateDirectory: string;
  /** Absolute path: `/run/ignite`. */
  readonly runDirectory: string;
  /** Absolute paths of our native programs, and of the import worker where the daemon is bundled. */
  readonly programs: { readonly spawn: string; readonly init: string; readonly importWorker?: string };
  readonly configuration: ConfigurationSpec;
  /** Absent: the host's. Guests of another are emulated. */
  readonly architecture?: Architecture;
  /** For people, in format.json: `ignite 1.0.0`. */
  readonly writer: string;
  /** Proxy variables, for registries and apt. */
  readonly environment: Readonly<Record<string, string>>;
  readonly complain: Complain;
  /** Whether a source is at work that would make a removed VM again. */
  readonly managerActive?: (manager: string) => boolean;
  /** Aborted when the daemon ends; VMs run on. */
  readonly signal: AbortSignal;
}

/** Everything the daemon offers, behind one door. */
export interface Engine extends AsyncDisposable {
  readonly vms: Vms;
  /** VMs as manifests say. */
  readonly declare: Declare;
  readonly images: Images;
  readonly kernels: Kernels;
  /** Makes a machine image from a distribution's packages and puts it into the store. */
  makeImage(request: HandlerBody<'makeImage'>, call: Call): Promise<ImageRecord>;
  /** What is kept of a source of manifests, by its manager. */
  source(manager: string): Promise<SourcePlace>;
  /** Absolute path of the socket for the metrics of one VM; the daemon makes it and serves there. */
  metricsSocket(uid: string): string;
  readonly events: Events;
  readonly audit: Audit;
  /** What each kind of object takes on the disk. */
  diskUse(): Promise<HandlerResult<'diskUse'>['items']>;
  /** What carries our mark and belongs to nothing. */
  readonly janitor: Janitor;
  /** Who connected a socket of the daemon's. */
  peerOf(socket: Socket): Promise<Peer | undefined>;
  readonly drivers: readonly VmmDriver[];
  readonly commands: Commands;
  readonly clock: Clock;
  readonly instance: string;
  readonly stateDirectory: string;
  readonly runDirectory: string;
}
