// Whether the agent is still there: asked only while somebody waits for its answer (FORMATS: an idle link is silent).
// The death of an agent does not close the transport, which belongs to the VM.

export interface Patience {
  /** So long an answer may take before the agent is asked whether it lives, milliseconds. */
  readonly askAfterMs: number;
  /** So long it has to say that it does. */
  readonly lostAfterMs: number;
}

/** A host under load emulates slowly; a command that takes its time to start is no reason either. */
export const PATIENCE: Patience = { askAfterMs: 5_000, lostAfterMs: 15_000 };

/**
 * Waits for `answer`, asking meanwhile. Settles as it does.
 * @param ping settles when the agent answered, rejects at the signal
 * @param onLost called once when it did not; `answer` is expected to reject then
 */
export async function whileAlive<T>(
  answer: Promise<T>,
  { askAfterMs, lostAfterMs }: Patience,
  ping: (signal: AbortSignal) => Promise<unknown>,
  onLost: (cause: unknown) => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const ask = () => {
    ping(AbortSignal.timeout(lostAfterMs)).then(arm, (cause: unknown) => {
      if (!over) onLost(cause);
    });
  };
  const arm = () => {
    if (!over) timer = setTimeout(ask, askAfterMs);
  };
  arm();
  try {
    return await answer;
  } finally {
    over = true;
    clearTimeout(timer);
  }
}
