// What the soak test and its daemon say to each other.

export interface Order {
  readonly id: number;
  readonly verb: 'run' | 'create' | 'start' | 'stop' | 'rm' | 'pids' | 'list' | 'facts' | 'fault';
  /** Of a VM; of a fault what `IGNITE_FAULT` says, from now on. */
  readonly name: string;
}

/** What the daemon uses, after its garbage was collected: bytes, and a count. */
export interface Facts {
  readonly heap: number;
  readonly resident: number;
  readonly descriptors: number;
}
