// The keys that leave an attached terminal: ^P^Q, or others by --detach-keys.
import { usage } from '../usage-error.ts';

/** Watches input for the keys. */
export interface DetachWatch {
  /** What of the piece goes on to the guest, and whether the keys were seen. Bytes of a begun sequence are held. */
  push(piece: Uint8Array): { readonly pass: Uint8Array; readonly detach: boolean };
}

/** What is used without `--detach-keys`. */
export const DEFAULT_KEYS = 'ctrl-p,ctrl-q';

/**
 * Bytes of a description such as `ctrl-p,ctrl-q` or `a,ctrl-]`.
 * @throws IgniteError `cli/usage`
 */
export function parseDetachKeys(text: string): Uint8Array {
  return Uint8Array.from(
    text.split(',').map((key) => {
      const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
      if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
      if (/^[\x20-\x7e]$/.test(key)) return key.charCodeAt(0);
      throw usage(`--detach-keys takes keys such as ctrl-p,ctrl-q, not "${text}"`);
    }),
  );
}

/** A watch for a sequence of keys; what turns out not to be it is passed on whole (the original lost a byte there). */
export function watchDetach(keys: Uint8Array): DetachWatch {
  let held = 0;
  return {
    push(piece) {
      const pass: number[] = [];
      for (const byte of piece) {
        if (byte === keys[held]) {
          held += 1;
          if (held === keys.length) return { pass: Uint8Array.from(pass), detach: true };
          continue;
        }
        pass.push(...keys.subarray(0, held));
        held = byte === keys[0] ? 1 : 0;
        if (held === 0) pass.push(byte);
      }
      return { pass: Uint8Array.from(pass), detach: false };
    },
  };
}
