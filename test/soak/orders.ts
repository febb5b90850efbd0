// What the soak test and its daemon say to each other.

export interface Order {
  readonly id: number;
  readonly verb: 'run' | 'stop' | 'rm' | 'pids' | 'list' | 'facts';
  readonly name: string;
}

/** What the daemon uses, after its garbage was collected: bytes, and a count. */
export interface Facts {
  readonly heap: number;
  readonly resident: number;
  readonly descriptors: number;
}
