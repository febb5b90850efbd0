// One place that serves the distribution API (a registry or a mirror of it): finds out whether it speaks TLS, answers its
// challenges, and sends requests with what it accepts.
import type { Clock } from '../../host/index.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { basicAuthorization, type Secret, showing } from './credentials.ts';
import { isCertificateFault, unreachable } from './failures.ts';
import { apiHost, canonicalRegistry, isLoopback } from './hosts.ts';
import type { RegistrySettings } from './settings.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { type Answer, openTransport, type Send, type Transport } from './transport.ts';

interface EndpointOptions {
  /** `host[:port]`, or a mirror's `http(s)://host[:port]`. */
  readonly address: string;
  readonly secret: Secret;
  readonly insecure: readonly string[];
  readonly settings: RegistrySettings;
  readonly clock: Clock;
}

export interface Endpoint extends AsyncDisposable {
  readonly name: string;
  /**
   * Sends a request to a path below `/v2/` or to an address the registry named, answering one challenge.
   * @param scope the token scopes this needs, with blanks between: `repository:library/x:pull`; empty: none
   * @throws IgniteError `images/registry-down`, `images/unauthorized`, `images/registry-refused`, `host/cancelled`
   */
  send(path: string, scope: string, options: Omit<Send, 'authorization'>): Promise<Answer>;
}

interface Connection {
  readonly base: URL;
  readonly transport: Transport;
  readonly tokens: Tokens;
  /** What the endpoint asked for at `/v2/`; empty where it asks for nothing. */
  challenges: readonly Challenge[];
}

/** Makes an endpoint; the first request connects. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  let connection: Promise<Connection> | undefined;
  const connected = (signal: AbortSignal) => {
    connection ??= connect(options, signal).catch((error: unknown) => {
      connection = undefined;
      throw error;
    });
    return connection;
  };
  const name = canonicalRegistry(options.address);
  return {
    name,
    async send(path, scope, request) {
      try {
        const connection = await connected(request.signal);
        const answer = await sendAuthorized(connection, options.secret, path, scope, request);
        const own = answer.url.origin === connection.base.origin; // what a redirect leads to is shown nothing
        return own ? { ...answer, shown: showing(options.secret) } : answer;
      } catch (error) {
        throw unreachable(error, name, request.signal);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await (await connection?.catch(() => undefined))?.transport[Symbol.asyncDispose]();
    },
  };
}

async function sendAuthorized(
  connection: Connection,
  secret: Secret,
  path: string,
  scope: string,
  request: Omit<Send, 'authorization'>,
): Promise<Answer> {
  const url = new URL(path, connection.base);
  // An upload may go to a place outside the registry: that gets no secret.
  if (url.origin !== connection.base.origin) return connection.transport.send(url, request);
  const first = await authorize(connection, secret, scope, request.signal);
  const answer = await connection.transport.send(url, { ...request, authorization: first });
  // A 401 from behind a redirect is not the registry's: its challenge gets no secret.
  if (answer.status !== 401 || answer.url.origin !== connection.base.origin) return answer;
  const challenges = parseChallenges(answer.headers('www-authenticate') ?? '');
  if (challenges.length === 0) return answer;
  connection.challenges = challenges;
  const second = await authorize(connection, secret, scope, request.signal, true);
  if (second === undefined || (second === first && second.startsWith('Basic '))) return answer;
  await answer.body.dump();
  return connection.transport.send(url, { ...request, authorization: second });
}

async function authorize(
  connection: Connection,
  secret: Secret,
  scope: string,
  signal: AbortSignal,
  fresh = false,
): Promise<string | undefined> {
  const bearer = connection.challenges.find(
    (entry) => entry.scheme === 'bearer' && entry.params.has('realm'),
  );
  if (bearer !== undefined) {
    const held = fresh ? undefined : connection.tokens.cached(scope);
    return `Bearer ${held ?? (await connection.tokens.obtain(bearer, scope, signal))}`;
  }
  const basic = connection.challenges.some((entry) => entry.scheme === 'basic');
  return basic && secret.kind === 'password'
    ? basicAuthorization(secret.username, secret.password)
    : undefined;
}

async function connect(options: EndpointOptions, signal: AbortSignal): Promise<Connection> {
  let failure: unknown;
  for (const { base, anyCertificate } of candidates(options)) {
    const transport = await openTransport(
      canonicalRegistry(options.address),
      anyCertificate,
      options.settings,
    );
    try {
      return await greet(base, transport, options, signal);
    } catch (error) {
      await transport[Symbol.asyncDispose]();
      if (signal.aborted || isCertificateFault(error)) throw error;
      if (failure === undefined || isHandshakeOfPlainHttp(failure)) failure = error;
    }
  }
  throw failure;
}

async function greet(
  base: URL,
  transport: Transport,
  options: EndpointOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const answer = await transport.send(new URL('/v2/', base), { signal });
  await answer.body.dump();
  const challenges = answer.status === 401 ? parseChallenges(answer.headers('www-authenticate') ?? '') : [];
  const tokens = createTokens({
    transport,
    registry: canonicalRegistry(options.address),
    secret: options.secret,
    plainRealm: base.protocol === 'http:',
    clock: options.clock,
  });
  return { base, transport, tokens, challenges };
}

// Docker's order: TLS first even where plain HTTP is allowed, so that a registry with a certificate is used with it.
function candidates(options: EndpointOptions): readonly { base: URL; anyCertificate: boolean }[] {
  const { address } = options;
  if (address.includes('://')) return [{ base: new URL(address), anyCertificate: false }];
  const host = apiHost(address);
  const canonical = canonicalRegistry(address);
  const insecure = [...options.insecure, ...options.settings.insecureRegistries].some(
    (entry) => canonicalRegistry(entry) === canonical,
  );
  const secure = { base: new URL(`https://${host}`), anyCertificate: insecure };
  if (!insecure && !isLoopback(host)) return [secure];
  return [secure, { base: new URL(`http://${host}`), anyCertificate: insecure }];
}

function isHandshakeOfPlainHttp(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ECONNRESET';
}
