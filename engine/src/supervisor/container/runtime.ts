// What a container runtime must do for us: few verbs, each of which a second runtime has, too.
import type { ContainerRuntimeName } from '../port.ts';
import type { HostView } from './view.ts';

/** A container to run. */
export interface ContainerSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Reference of an image of the user's; absent: ours. */
  readonly image?: string;
  /**
   * `host`: the host's network; `none`: one of its own, which the supervisor leaves for the VM's; else that of the
   * container with this name.
   */
  readonly network: 'host' | 'none' | { readonly container: string };
  readonly view: HostView;
  readonly env: Readonly<Record<string, string>>;
  /** Words for ignite-spawn. */
  readonly words: readonly string[];
}

/** A container with our label. */
interface FoundContainer {
  readonly name: string;
  readonly slot: number;
}

export interface ContainerRuntime {
  readonly name: ContainerRuntimeName;
  /** @throws IgniteError `supervisor/no-runtime` where it does not answer */
  check(signal: AbortSignal): Promise<void>;
  /** Makes and starts it. @throws IgniteError `supervisor/no-runtime`, `supervisor/runtime-refused` */
  run(spec: ContainerSpec, signal: AbortSignal): Promise<void>;
  /** Settles when the container has ended. */
  ended(name: string, signal: AbortSignal): Promise<void>;
  /** Removes it, running or not, with our image where nothing else has it. None is no error. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** All containers, running or not, that carry the label of an engine. */
  list(instance: string, signal: AbortSignal): Promise<readonly FoundContainer[]>;
}

/** Labels of a container: the original's, and ours, by which it is found again. */
export const LABELS = {
  name: 'ignite.name',
  uid: 'ignite.uid',
  instance: 'ignite.instance',
  slot: 'ignite.slot',
} as const;

/** Capabilities of the supervisor in its container: for namespaces, mounts and taps, in addition to those that containers have. */
export const CAPABILITIES = ['SYS_ADMIN', 'NET_ADMIN'] as const;

/** Where ignite-spawn is in its container. */
export const PROGRAM = 'ignite-spawn';
/** Name of our image. */
export const REPOSITORY = 'ignite-spawn';
/** How long a pull may take. */
export const PULL_MS = 600_000;
