// The failure of one object of several, as the printer shows errors.
import type { ResultDocument } from '@ignite/api';
import { IgniteError, isErrorCode } from '@ignite/api/errors';
import type { Output } from '../../output/output.ts';
import { printError } from '../../output/errors.ts';

/** One object of an answer of `apply`. */
export type Item = ResultDocument<'apply'>['items'][number];

/** Tells why an object is not as declared, with the place it was read from. */
export async function itemFailure(out: Output, { error, origin }: Item): Promise<void> {
  if (error === undefined) return;
  const place = origin === undefined ? '' : `${origin.file}:${origin.line}: `;
  const code = isErrorCode(error.code) ? error.code : 'cli/foreign-error';
  const cause = error.causes.reduceRight<Error | undefined>(
    (inner, text) => new Error(text, inner === undefined ? undefined : { cause: inner }),
    undefined,
  );
  printError(
    out,
    new IgniteError(code, `${place}${error.message}`, {
      ...(cause === undefined ? {} : { cause }),
      ...(error.stage === undefined ? {} : { stage: error.stage }),
    }),
  );
}
