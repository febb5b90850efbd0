// Uploads to a registry that misbehaves: places on another host, refused mounts, an upload that breaks.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { buildImage, file, ociArchive } from '../../images/index.ts';
import { openStore, request, type Store } from './fixture.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly bytes: number;
  readonly range: string | undefined;
  readonly body: Buffer;
}

interface Server extends AsyncDisposable {
  readonly host: string;
  readonly seen: Seen[];
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer): Promise<Server> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => void pieces.push(piece));
    request.on('end', () => {
      const { headers, method = '', url: path = '' } = request;
      const body = Buffer.concat(pieces);
      const [range, authorization] = [headers['content-range'], headers.authorization];
      seen.push({ method, path, authorization, bytes: body.length, range, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    host: `127.0.0.1:${address.port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function end(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, headers).end();
}

async function openLoaded(name: string): Promise<Store> {
  const store = await openStore();
  const archive = await ociArchive(
    await buildImage({ layers: [{ entries: [file('a', 'b'.repeat(5000))] }] }),
    name,
  );
  await store.images.load({ kind: 'archive', stream: pieces(archive) }, request());
  return store;
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const credentials = (registry: string) => ({ credentials: [{ registry, username: 'u', password: 'p' }] });

test('an upload at another host gets the bytes and no password', async () => {
  await using store = await openLoaded('demo:1');
  await using elsewhere = await serve((_, response) => end(response, 201));
  await using registry = await serve(({ headers, method = '', url = '' }, response) => {
    if (headers.authorization === undefined)
      return end(response, 401, { 'www-authenticate': 'Basic realm="x"' });
    if (method === 'HEAD') return end(response, 404);
    if (method === 'POST') return end(response, 202, { location: `http://${elsewhere.host}/up?state=1` });
    return end(response, url === '/v2/' ? 200 : 201);
  });
  await store.images.push('demo:1', `${registry.host}/a/b:1`, request(credentials(registry.host)));
  assert.equal(elsewhere.seen.length, 2); // configuration and layer
  for (const { authorization, bytes, path } of elsewhere.seen) {
    assert.equal(authorization, undefined);
    assert.ok(bytes > 0);
    assert.match(path, /^\/up\?state=1&digest=sha256%3A[0-9a-f]{64}$/);
  }
  assert.match(registry.seen.at(-1)?.path ?? '', /manifests\/1$/);
});

test('an upload that breaks is sent again from its start; a refused mount becomes an upload', async () => {
  let failures = 0;
  await using registry = await serve(({ method = '', url = '' }, response) => {
    if (method === 'HEAD') return end(response, 404);
    if (url.includes('mount=')) return end(response, 405);
    if (method === 'POST') return end(response, 202, { location: '/v2/other/b/blobs/uploads/1' });
    if (url.includes('uploads/1') && failures++ < 1) return end(response, 503);
    return end(response, url === '/v2/' ? 200 : 201);
  });
  await using store = await openLoaded(`${registry.host}/own/a:1`);
  await store.images.push(`${registry.host}/own/a:1`, `${registry.host}/other/b:1`, request());
  const sent = registry.seen.filter(({ method, path }) => method === 'PUT' && path.includes('uploads/1'));
  assert.equal(sent.length, 3);
  assert.ok(sent.every(({ bytes }) => bytes > 0));
});

test('a registry that takes no large body gets chunks, each where the last answer said', async () => {
  let uploads = 0;
  await using registry = await serve(({ headers, method = '', url = '' }, response) => {
    const [, upload, step] = /^\/up\/(\d+)\/(\d+)/.exec(url) ?? [];
    if (method === 'HEAD') return end(response, 404);
    if (method === 'POST') return end(response, 202, { location: `/up/${++uploads}/0` });
    if (method === 'PATCH') return end(response, 202, { location: `/up/${upload}/${Number(step) + 1}` });
    const whole = upload !== undefined && headers['content-length'] !== '0';
    return end(response, url === '/v2/' ? 200 : whole ? 413 : 201);
  });
  await using store = await openStore();
  const content = randomBytes(20 << 20);
  const built = await buildImage({ layers: [{ entries: [file('a', content)], compression: 'none' }] });
  await store.images.load({ kind: 'archive', stream: pieces(await ociArchive(built, 'demo:1')) }, request());
  await store.images.push('demo:1', `${registry.host}/a/b:1`, request());

  const patches = registry.seen.filter(({ method }) => method === 'PATCH');
  const layer = patches.filter(({ path }) => path.startsWith(uploadOf(patches.at(-1))));
  const size = built.layers[0]?.size ?? 0;
  assert.deepEqual(
    layer.map(({ range, path }) => [range, path.slice(-1)]),
    [
      ['0-8388607', '0'],
      ['8388608-16777215', '1'],
      [`16777216-${size - 1}`, '2'],
    ],
  );
  assert.ok(Buffer.concat(layer.map(({ body }) => body)).includes(content), 'nothing is lost in between');
  const closed = registry.seen.filter(({ method, path }) => method === 'PUT' && /\/[13]\?digest=/.test(path));
  assert.deepEqual(
    closed.map(({ bytes }) => bytes),
    [0, 0],
    'of configuration and layer',
  );
});

/** `/up/3/` */
function uploadOf(seen: Seen | undefined): string {
  return /^\/up\/\d+\//.exec(seen?.path ?? '')?.[0] ?? 'none';
}

test('what the registry says is told', async () => {
  await using store = await openLoaded('demo:1');
  await using registry = await serve(({ method = '', url = '' }, response) => {
    if (method === 'HEAD') return end(response, 404);
    if (url === '/v2/') return end(response, 200);
    response.writeHead(400).end('{"errors":[{"code":"NAME_INVALID","message":"no such project"}]}');
  });
  await assert.rejects(
    store.images.push('demo:1', `${registry.host}/a/b:1`, request()),
    (error) => isIgniteError(error, 'images/registry-refused') && /no such project/.test(error.message),
  );
});
