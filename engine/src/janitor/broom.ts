// A stray with the way to remove it. Each place of the host has a finder; all of them look before they remove anything.
import type { Stray } from './port.ts';

export interface Found extends Stray {
  /** Removes it, unless it has found an owner meanwhile. Absent: it is left alone. */
  readonly remove?: (signal: AbortSignal) => Promise<void>;
}

export type Finder = (signal: AbortSignal) => Promise<readonly Found[]>;
