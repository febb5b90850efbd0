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
  if (signal.aborted) return cancelled(signal, `The request to ${registry}`);
  if (isCertificateFault(cause)) return untrusted(cause, registry);
  return new IgniteError('images/registry-down', `Registry ${registry} cannot be reached${reason(cause)}`, {
    cause,
    details: { registry },
  });
}

/** The same error with the object that was asked for in its message; any other as it is. */
export function namingObject(error: unknown, what: string): unknown {
  if (!isIgniteError(error)) return error;
  if (error.code !== 'images/registry-down' && error.code !== 'images/registry-untrusted') return error;
  return new IgniteError(error.code, `${what}: ${error.message}`, {
    cause: error.cause,
    details: error.details,
  });
}

/** Why OpenSSL refused a certificate, verify(1ssl), and what helps where the certificate of its CA does not. */
const CERTIFICATE_REASONS: Readonly<Record<string, { readonly why: string; readonly hint?: string }>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { why: 'no CA that this host knows has signed it' },
  UNABLE_TO_GET_ISSUER_CERT: { why: 'no CA that this host knows has signed it' },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { why: 'no CA that this host knows has signed it' },
  SELF_SIGNED_CERT_IN_CHAIN: { why: 'its CA is none that this host knows' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { why: 'it is signed by itself' },
  CERT_HAS_EXPIRED: {
    why: 'it has expired',
    hint: 'Whoever runs the registry must renew it; if it is valid elsewhere, look at the clock of this host: `date`.',
  },
  CERT_NOT_YET_VALID: {
    why: 'it is not valid yet',
    hint: 'Look at the clock of this host: `date`.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    why: 'it is for another name',
    hint: 'Use the name of the registry that its certificate is for.',
  },
};

function untrusted(cause: unknown, registry: string): IgniteError {
  const reason = CERTIFICATE_REASONS[codeOf(cause) ?? ''];
  const message = `The certificate of registry ${registry} is not trusted`;
  return new IgniteError(
    'images/registry-untrusted',
    reason === undefined ? message : `${message}: ${reason.why}`,
    {
      cause: withoutAdvice(cause),
      details: { registry, ...(reason?.hint === undefined ? {} : { hint: reason.hint }) },
    },
  );
}

/** Node's own advice is about a flag of its own, which nobody can give to the daemon. */
function withoutAdvice(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const said = cause.message.replace(/; if the root CA is installed locally.*/s, '');
  return said === cause.message ? cause : Object.assign(new Error(said), { code: codeOf(cause) });
}

/** Whether the same request may do better later. */
export function isPassing(error: unknown): boolean {
  return isIgniteError(error, 'images/registry-down') || isIgniteError(error, 'images/rate-limited');
}

/** Whether there is no registry at the address at all, as far as the network says at once. */
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
