// What a registry's refusals and the network's faults are called in our catalogue.
import { type ErrorCode, IgniteError, isIgniteError } from '@ignite/api';
import { cancelled } from '../../work/index.ts';
import { readRefusal } from './read-body.ts';
import { type Answer, RedirectError } from './transport.ts';

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'images/unauthorized',
  403: 'images/unauthorized',
  404: 'images/not-found',
  429: 'images/rate-limited',
};

/** The error for an answer that is no success; reads its text. `what` names the object: `Manifest of x:1`. */
export async function refused(answer: Answer, what: string, registry: string): Promise<IgniteError> {
  const said = await readRefusal(answer);
  const code =
    BY_STATUS[answer.status] ?? (answer.status >= 500 ? 'images/registry-down' : 'images/registry-refused');
  const retryAfter = Number(answer.headers('retry-after'));
  const asked = code === 'images/unauthorized' && answer.shown !== undefined ? `, asked ${answer.shown}` : '';
  const text = `${what}: ${registry} answered ${answer.status}${said === '' ? '' : ` (${said})`}${asked}`;
  return new IgniteError(code, text, {
    details: {
      registry,
      status: answer.status,
      ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
    },
  });
}

/** The error for a connection that failed or broke. Our own errors and cancellations pass through. */
export function unreachable(cause: unknown, registry: string, signal: AbortSignal): unknown {
  if (isIgniteError(cause)) return cause;
  if (signal.aborted) return cancelled(signal);
  if (isCertificateFault(cause))
    return new IgniteError(
      'images/registry-untrusted',
      `The certificate of registry ${registry} is not trusted`,
      {
        cause,
        details: { registry },
      },
    );
  return new IgniteError('images/registry-down', `Registry ${registry} cannot be reached${reason(cause)}`, {
    cause,
    details: { registry },
  });
}

/** Whether the same request may do better later. */
export function isPassing(error: unknown): boolean {
  return isIgniteError(error, 'images/registry-down') || isIgniteError(error, 'images/rate-limited');
}

/** Whether there is no registry at the address at all, as far as the network can tell at once. */
export function nobodyListens(error: unknown): boolean {
  const code = isIgniteError(error) ? codeOf(error.cause) : undefined;
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: ': no such host name',
  EAI_AGAIN: ': the name server does not answer',
  ECONNREFUSED: ': nothing listens there',
  UND_ERR_CONNECT_TIMEOUT: ': no answer in time',
  UND_ERR_HEADERS_TIMEOUT: ': no answer in time',
};

/** Whether a connection failed because nobody vouches for the other side's certificate: it does speak TLS. */
export function isCertificateFault(cause: unknown): boolean {
  return /CERT|SELF_SIGNED|ISSUER|VERIFY/.test(codeOf(cause) ?? '');
}

function reason(cause: unknown): string {
  if (cause instanceof RedirectError) return `: ${cause.message}`;
  return REASONS[codeOf(cause) ?? ''] ?? '';
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}
