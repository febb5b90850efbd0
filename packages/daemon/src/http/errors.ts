// Errors on their way out: the body of the API, and the status from the catalogue.
import { type ErrorBody, IgniteError, isIgniteError } from '@ignite/api';

const MAX_CAUSES = 8;

/** Whatever was thrown, as an error of the catalogue. A cancelled request is the client's doing. */
export function asIgniteError(error: unknown): IgniteError {
  if (isIgniteError(error)) return error;
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError'))
    return new IgniteError(
      error.name === 'AbortError' ? 'host/cancelled' : 'host/deadline',
      error.name === 'AbortError' ? 'The request was cancelled' : 'It was not done in time',
      { cause: error },
    );
  return new IgniteError('daemon/internal', 'Something failed that should not', { cause: error });
}

/** The body of an error answer; causes outermost first, without repeating the message. */
export function errorBodyOf(error: IgniteError): ErrorBody {
  return {
    code: error.code,
    message: error.message,
    hint: error.entry.hint,
    blame: error.entry.blame,
    ...(error.stage === undefined ? {} : { stage: error.stage }),
    details: mutable(error.details),
    causes: causesOf(error),
  };
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  for (let cause = error.cause; cause !== undefined && causes.length < MAX_CAUSES; ) {
    causes.push(cause instanceof Error ? cause.message : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function mutable(details: IgniteError['details']): ErrorBody['details'] {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, typeof value === 'object' ? [...value] : value]),
  );
}
