// One queue per VM: operations on one VM never overlap, operations on different VMs never wait for each other.
//
// 1. At most one operation of a key runs at a time.
// 2. A newer intent (`preempt`) aborts the running operation and every waiting one, and runs when the running one
//    has settled: an aborted operation may still be cleaning up. Operations with the same aim are not aborted (`spares`).
// 3. An operation is aborted by its signal only; the queue waits until it has settled.
import { IgniteError } from '@ignite/api';

interface RunInQueue {
  /** The newest intent wins: abort what runs and waits. */
  readonly preempt?: boolean;
  /** What it wants, for newer ones that want the same. */
  readonly aim?: string;
  /** With `preempt`: aims of those that go on, before this one. */
  readonly spares?: readonly string[];
  /** The caller's own signal; its abort reaches the operation. */
  readonly signal?: AbortSignal;
}

export interface VmQueues {
  run<T>(key: string, operation: (signal: AbortSignal) => Promise<T>, options?: RunInQueue): Promise<T>;
  /** Whether something runs or waits for this key. */
  busy(key: string): boolean;
  /** Settles when everything that was running or waiting at the time of the call has ended. */
  idle(): Promise<void>;
}

interface Lane {
  /** With the aims of their operations. */
  readonly controllers: Map<AbortController, string | undefined>;
  tail: Promise<unknown>;
}

/** Makes an empty set of queues. */
export function createVmQueues(): VmQueues {
  const lanes = new Map<string, Lane>();

  async function run<T>(
    key: string,
    operation: (signal: AbortSignal) => Promise<T>,
    options: RunInQueue = {},
  ): Promise<T> {
    const lane = lanes.get(key) ?? { controllers: new Map(), tail: Promise.resolve() };
    lanes.set(key, lane);
    if (options.preempt === true) abortAll(lane, options.spares ?? []);
    const own = new AbortController();
    lane.controllers.set(own, options.aim);
    const signal = options.signal === undefined ? own.signal : AbortSignal.any([own.signal, options.signal]);
    const turn = lane.tail.then(() => {
      signal.throwIfAborted();
      return operation(signal);
    });
    lane.tail = turn.catch(() => {}); // a failed operation must not fail the next one
    try {
      return await turn;
    } finally {
      lane.controllers.delete(own);
      if (lane.controllers.size === 0) lanes.delete(key);
    }
  }

  return {
    run,
    busy: (key) => lanes.has(key),
    idle: async () => void (await Promise.all([...lanes.values()].map((lane) => lane.tail))),
  };
}

function abortAll({ controllers }: Lane, spares: readonly string[]): void {
  for (const [controller, aim] of controllers)
    if (aim === undefined || !spares.includes(aim)) controller.abort(superseded());
}

function superseded(): IgniteError {
  return new IgniteError('lifecycle/superseded', 'A newer command for this VM took over');
}
