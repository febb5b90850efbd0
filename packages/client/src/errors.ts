// Errors on their way from the daemon: the body of an answer becomes the IgniteError it was.
import type { ErrorBody } from '@ignite/api';
import { IgniteError, isErrorCode } from '@ignite/api/errors';

/** The error of an answer's body, with its chain of causes as texts. */
export function errorFromBody(body: ErrorBody): IgniteError {
  const { code } = body;
  const known = isErrorCode(code);
  const details = known ? body.details : { ...body.details, code, hint: body.hint };
  return new IgniteError(known ? code : 'cli/foreign-error', body.message, {
    details,
    ...(body.stage === undefined ? {} : { stage: body.stage }),
    ...(body.causes.length === 0 ? {} : { cause: causeChain(body.causes) }),
  });
}

function causeChain(texts: readonly string[]): Error | undefined {
  return texts.reduceRight<Error | undefined>(
    (cause, text) => new Error(text, cause === undefined ? undefined : { cause }),
    undefined,
  );
}

/**
 * Reads a parsed answer that should be `{"error": {…}}`.
 * @param status HTTP status, for the message if the answer is something else
 */
export function errorFromAnswer(status: number, text: string): IgniteError {
  const body = parseJson(text);
  const error = isObject(body) ? body['error'] : undefined;
  if (isErrorBody(error)) return errorFromBody(error);
  return new IgniteError('cli/strange-answer', `The daemon answered ${status} without saying why`, {
    details: { status, text: text.slice(0, 500) },
  });
}

/** Whether a value from the wire is an error body; the fields we read are checked. */
export function isErrorBody(value: unknown): value is ErrorBody {
  return (
    isObject(value) &&
    typeof value['code'] === 'string' &&
    typeof value['message'] === 'string' &&
    typeof value['hint'] === 'string' &&
    isObject(value['details']) &&
    Array.isArray(value['causes']) &&
    value['causes'].every((cause) => typeof cause === 'string')
  );
}

/** A JSON value, undefined where the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a value is an object with fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
