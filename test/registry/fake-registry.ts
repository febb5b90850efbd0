// A registry in this process that misbehaves on command (distribution-spec, the pull half).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Blob, BuiltImage } from '../images/index.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly body: string;
}

/** What to do instead of the right thing. */
export interface Fault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Other bytes than the object's. */
  readonly bytes?: Uint8Array;
  /** Tells the whole length, sends so many bytes of the answer, and breaks the connection. */
  readonly cutAfter?: number;
  /** Sends so many bytes of the answer and then nothing, until `dropStalled`. */
  readonly stallAfter?: number;
  /** Answers a range with everything. */
  readonly ignoreRange?: boolean;
}

export type Auth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly kind: 'bearer';
      /** Absent: tokens for everybody. */
      readonly username?: string;
      readonly password?: string;
      readonly identityToken?: string;
      readonly expiresIn?: number;
    };

export interface FakeRegistry extends AsyncDisposable {
  readonly host: string;
  readonly url: string;
  readonly seen: Seen[];
  add(repository: string, tag: string, image: BuiltImage): void;
  addDocument(repository: string, tag: string, document: Blob): void;
  /** Asked before each answer; undefined is the right answer. */
  misbehave: (seen: Seen) => Fault | undefined;
  /** How many answers are stalled now. */
  stalled(): number;
  /** Breaks their connections. */
  dropStalled(): void;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startFakeRegistry(auth?: Auth): Promise<FakeRegistry> {
  const objects = new Map<string, Blob>();
  const tokens = new Set<string>();
  const stalled = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  const url = await listen(server);

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const seen = await see(request);
    registry.seen.push(seen);
    const fault = registry.misbehave(seen) ?? {};
    if (fault.status !== undefined)
      return void response.writeHead(fault.status, fault.headers).end(fault.bytes);
    if (seen.path.startsWith('/token')) return giveToken(seen, response, auth, tokens);
    const challenge = challengeFor(seen, auth, tokens, url);
    if (challenge !== undefined)
      return void response.writeHead(401, { 'www-authenticate': challenge }).end('{"errors":[]}');
    if (seen.path === '/v2/') return void response.end('{}');
    const object = objects.get(seen.path);
    if (object === undefined)
      return void response
        .writeHead(404)
        .end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
    if (fault.stallAfter !== undefined) stalled.add(response);
    sendObject(seen, response, object, fault);
  };

  const registry: FakeRegistry = {
    host: url.replace('http://', ''),
    url,
    seen: [],
    misbehave: () => undefined,
    stalled: () => stalled.size,
    dropStalled() {
      for (const response of stalled) response.destroy();
      stalled.clear();
    },
    add(repository, tag, image) {
      this.addDocument(repository, tag, image.manifest);
      for (const blob of [image.config, ...image.layers])
        objects.set(`/v2/${repository}/blobs/${blob.digest}`, blob);
    },
    addDocument(repository, tag, document) {
      objects.set(`/v2/${repository}/manifests/${tag}`, document);
      objects.set(`/v2/${repository}/manifests/${document.digest}`, document);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return registry;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return `http://127.0.0.1:${address.port}`;
}

async function see(request: IncomingMessage): Promise<Seen> {
  let body = '';
  for await (const piece of request) body += String(piece);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    authorization: request.headers.authorization,
    range: request.headers.range,
    body,
  };
}

function challengeFor(
  seen: Seen,
  auth: Auth | undefined,
  tokens: ReadonlySet<string>,
  url: string,
): string | undefined {
  if (auth === undefined) return undefined;
  if (auth.kind === 'basic')
    return seen.authorization === basic(auth.username, auth.password)
      ? undefined
      : 'Negotiate, Basic realm="a, b"';
  if (tokens.has(seen.authorization ?? '')) return undefined;
  const repository = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(seen.path)?.[1];
  const scope = repository === undefined ? '' : `,scope="repository:${repository}:pull"`;
  return `Bearer service="fake" , realm="${url}/token"${scope}`;
}

function giveToken(seen: Seen, response: ServerResponse, auth: Auth | undefined, tokens: Set<string>): void {
  if (auth?.kind !== 'bearer' || !mayHaveToken(seen, auth)) return void response.writeHead(401).end('{}');
  const token = `token-${tokens.size + 1}`;
  tokens.add(`Bearer ${token}`);
  response.end(JSON.stringify({ token, expires_in: auth.expiresIn ?? 300 }));
}

function mayHaveToken(seen: Seen, auth: Extract<Auth, { kind: 'bearer' }>): boolean {
  if (auth.identityToken !== undefined) {
    const form = new URLSearchParams(seen.body);
    return form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === auth.identityToken;
  }
  if (auth.username === undefined) return true;
  return seen.authorization === basic(auth.username, auth.password ?? '');
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function sendObject(seen: Seen, response: ServerResponse, object: Blob, fault: Fault): void {
  const whole = fault.bytes ?? object.bytes;
  const from = fault.ignoreRange ? 0 : Number(/^bytes=(\d+)-$/.exec(seen.range ?? '')?.[1] ?? 0);
  const bytes = whole.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    'content-type': object.mediaType,
    'content-length': bytes.length,
    ...(from > 0 ? { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}),
    ...fault.headers,
  });
  if (fault.stallAfter !== undefined) return void response.write(bytes.subarray(0, fault.stallAfter));
  if (fault.cutAfter === undefined) return void response.end(bytes);
  response.write(bytes.subarray(0, fault.cutAfter), () => response.destroy());
}
