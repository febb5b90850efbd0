// What OpenSSL makes of certificates, kept for a while: with the authorities of a host one takes 6 ms, in which the daemon
// does nothing else, and as long again when it is thrown away. A source may ask for thousands of images within a minute.
import { createSecureContext, type SecureContext } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { Certificates } from './certificates.ts';

/** Of one that nobody asks for: it holds 2 MiB. */
const KEPT_MS = 30_000;
/** Registries have the same one, but for those with authorities of their own. */
const MOST = 4;

/** Makes the context of certificates, or gives the one that was made of the same. */
export type SecureContexts = (certificates: Certificates) => SecureContext;

interface Kept {
  readonly certificates: Certificates;
  readonly context: SecureContext;
  readonly timer: NodeJS.Timeout;
}

/** Contexts that are made once, and dropped when they have not been used for a while. */
export function keepSecureContexts(keptMs = KEPT_MS): SecureContexts {
  let kept: readonly Kept[] = []; // the newest first
  const forget = (one: Kept) => {
    clearTimeout(one.timer);
    kept = kept.filter((other) => other !== one);
  };
  return (certificates) => {
    const known = kept.find((one) => isDeepStrictEqual(one.certificates, certificates));
    if (known !== undefined) {
      known.timer.refresh();
      return known.context;
    }
    for (const oldest of kept.slice(MOST - 1)) forget(oldest);
    const context = createSecureContext(certificates);
    const made: Kept = { certificates, context, timer: setTimeout(() => forget(made), keptMs).unref() };
    kept = [made, ...kept];
    return context;
  };
}
