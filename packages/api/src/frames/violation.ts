// The one error of the codec: a peer that breaks the rules of the link.
import { IgniteError } from '../errors/index.ts';

/** `guest/protocol` with a sentence that names the rule. It ends the session, never the VM. */
export function violation(what: string): IgniteError {
  return new IgniteError('guest/protocol', what);
}
