// A daemon that was started on demand ends when it has nothing to watch (CLI rule 22).

export interface IdleInput {
  /** Whether VMs run, or something else needs the daemon. */
  readonly busy: () => boolean;
  readonly afterMs: number;
  readonly onIdle: () => void;
}

export interface IdleWatch extends Disposable {
  /** A request begins; disposed when it has ended. */
  request(): Disposable;
}

/** Calls `onIdle` once no request has been open for `afterMs` and nothing is busy. */
export function watchIdle({ busy, afterMs, onIdle }: IdleInput): IdleWatch {
  let open = 0;
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (open > 0 || busy() ? arm() : onIdle()), afterMs);
    timer.unref();
  };
  arm();
  return {
    request: () => {
      open += 1;
      return {
        [Symbol.dispose]: () => {
          open -= 1;
          arm();
        },
      };
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
