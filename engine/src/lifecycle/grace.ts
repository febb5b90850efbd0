// The time that a guest has to end once it was asked to. Whoever asks again may give it less, never more.
import { timerMs } from '@ignite/api/durations';

export interface Grace extends Disposable {
  /** Aborted when the time is over. */
  readonly over: AbortSignal;
  /** Not longer than so many ms from now on. */
  shorten(ms: number): void;
}

/** Begins a time of so many ms; disposing forgets it. */
export function beginGrace(ms: number): Grace {
  const controller = new AbortController();
  let endsAt = performance.now() + ms;
  const arm = (ms: number) => setTimeout(() => controller.abort(), timerMs(ms));
  let timer = arm(ms);
  return {
    over: controller.signal,
    shorten(ms) {
      const wanted = performance.now() + ms;
      if (wanted >= endsAt) return;
      clearTimeout(timer);
      endsAt = wanted;
      timer = arm(ms);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
