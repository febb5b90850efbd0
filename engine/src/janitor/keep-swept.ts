// Sweeps by itself: soon after the daemon began, then now and then. One timer, whatever the number of VMs.
import type { Janitor, Swept } from './port.ts';

const FIRST_MS = 60_000;
const EVERY_MS = 10 * 60_000;
const DEADLINE_MS = 120_000;

interface KeepSwept {
  readonly janitor: Janitor;
  /** Something was removed, or could not be. */
  readonly tell: (swept: Swept) => void;
  readonly complain: (text: string, error: unknown) => void;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
}

/** Begins; it ends with the signal. */
export function keepSwept({ janitor, tell, complain, signal }: KeepSwept): void {
  const sweep = async () => {
    try {
      const until = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
      const swept = await janitor.sweep({ dryRun: false, signal: until });
      for (const one of swept) if (one.result === 'removed' || one.result === 'failed') tell(one);
    } catch (error) {
      if (!signal.aborted) complain('Could not look for what belongs to nothing', error);
    }
  };
  let timer = setTimeout(function again() {
    void sweep();
    timer = setTimeout(again, EVERY_MS);
    timer.unref();
  }, FIRST_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}
