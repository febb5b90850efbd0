// HTTP to one registry: certificates, proxy, deadlines, redirects followed by hand. A secret meant for an origin is sent
// to that origin only, and never again once a chain of redirects has left it.
import { Readable } from 'node:stream';
import { createSecureContext } from 'node:tls';
import type { buildConnector, Dispatcher } from 'undici';
import { unlessAborted } from '../../work/index.ts';
import { readCertificates } from './certificates.ts';
import { type HttpClient, loadHttpClient } from './http-client.ts';
import type { RegistrySettings } from './settings.ts';

export interface Send {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly authorization?: string | undefined;
  /** A function gives the bytes from the start, each time they are sent. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** A secret is in the body: a redirect to another origin is not followed, for the body would go along. */
  readonly secretBody?: boolean;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly url: URL;
  readonly headers: (name: string) => string | undefined;
  readonly body: Dispatcher.ResponseData['body'];
  /** How the request showed who asks: `without credentials`; absent where it went past the registry. */
  readonly shown?: string;
}

/** Sends requests with the certificates and proxy of one registry. */
export interface Transport extends AsyncDisposable {
  /** Follows redirects. Rejects with the socket's or parser's error, or `RedirectError`. */
  send(url: URL, options: Send): Promise<Answer>;
}

/** A redirect that must not be followed. */
export class RedirectError extends Error {}

const MAX_REDIRECTS = 8;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Opens a transport.
 * @param anyCertificate takes certificates nobody vouches for, and redirects to plain HTTP
 */
export async function openTransport(
  registry: string,
  anyCertificate: boolean,
  settings: RegistrySettings,
): Promise<Transport> {
  const certificates = await readCertificates(registry, settings.certificateFolders);
  const contextOf = settings.secureContexts ?? createSecureContext;
  const over = new AbortController();
  const tls = {
    signal: over.signal,
    secureContext: contextOf(certificates), // one for all connections: it costs 12 ms
    ...(anyCertificate ? { rejectUnauthorized: false } : {}),
  };
  const client = await loadHttpClient();
  const dispatcher = await makeDispatcher(client, tls, settings);
  const send = (url: URL, options: Send) => once(client, dispatcher, url, options);
  return {
    send: (url, options) => follow(send, url, options, anyCertificate),
    [Symbol.asyncDispose]: async () => {
      await dispatcher.destroy();
      over.abort(); // it leaves a connection alone that is not made yet, for ten seconds
    },
  };
}

function makeDispatcher(
  client: HttpClient,
  tls: buildConnector.BuildOptions & { readonly signal: AbortSignal },
  settings: RegistrySettings,
): Promise<Dispatcher> {
  const env = settings.environment;
  const either = (name: string) => env[name.toLowerCase()] ?? env[name] ?? '';
  const options = {
    connect: tls,
    headersTimeout: settings.headersTimeoutMs,
    bodyTimeout: settings.idleTimeoutMs,
    connections: 16,
  };
  const httpProxy = either('HTTP_PROXY');
  const httpsProxy = either('HTTPS_PROXY');
  if (httpProxy === '' && httpsProxy === '') return client.open(options);
  const proxyTls = { keepAlive: true, signal: tls.signal };
  return client.open(options, {
    requestTls: tls,
    proxyTls,
    httpProxy,
    httpsProxy,
    noProxy: either('NO_PROXY'),
  });
}

async function follow(
  send: Transport['send'],
  start: URL,
  options: Send,
  downgrade: boolean,
): Promise<Answer> {
  let url = start;
  let authorization = options.authorization;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const answer = await send(url, { ...options, authorization });
    const location = answer.headers('location');
    if (!REDIRECTS.has(answer.status) || location === undefined) return answer;
    await answer.body.dump();
    const next = redirectTarget(location, url, downgrade);
    if (next.origin !== start.origin && options.secretBody === true)
      throw new RedirectError(`${url.host} redirects a secret to ${next.host}`);
    if (next.origin !== start.origin) authorization = undefined; // for good: a way back proves nothing
    url = next;
  }
  throw new RedirectError(`${start.host} redirects in circles`);
}

/**
 * Where a redirect leads.
 * @throws RedirectError for other schemes than HTTP, for a way from TLS to plain HTTP, and for URLs with a user in them
 */
export function redirectTarget(location: string, from: URL, downgrade: boolean): URL {
  if (!URL.canParse(location, from.href))
    throw new RedirectError(`${from.host} redirects to no valid address`);
  const next = new URL(location, from);
  if (next.protocol !== 'https:' && next.protocol !== 'http:')
    throw new RedirectError(`${from.host} redirects to another scheme: ${next.protocol}`);
  if (next.protocol === 'http:' && from.protocol === 'https:' && !downgrade)
    throw new RedirectError(`${from.host} redirects from TLS to plain HTTP at ${next.host}`);
  if (next.username !== '' || next.password !== '')
    throw new RedirectError(`${from.host} redirects to an address with a user name in it`);
  return next;
}

function bodyOf(body: NonNullable<Send['body']>): string | Buffer | Readable {
  if (typeof body === 'string') return body;
  return typeof body === 'function' ? Readable.from(body(), { objectMode: false }) : Buffer.from(body);
}

async function once(client: HttpClient, dispatcher: Dispatcher, url: URL, options: Send): Promise<Answer> {
  // Until it is connected the HTTP client does not heed the signal; then it begins no request that was given up.
  const answered = client.request(dispatcher, url, {
    method: options.method ?? 'GET',
    headers: {
      'user-agent': 'ignite',
      ...options.headers,
      ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
    },
    ...(options.body === undefined ? {} : { body: bodyOf(options.body) }),
    signal: options.signal,
  });
  const response = await unlessAborted(answered, options.signal);
  const headers = (name: string) => {
    const value = response.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  return { status: response.statusCode, url, headers, body: response.body };
}
