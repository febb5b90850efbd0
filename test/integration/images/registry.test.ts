// The registry client against a registry that misbehaves: challenges, redirects, cut and wrong blobs, slow-downs.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ErrorCode, isIgniteError, parseReference } from '@ignite/api';
import { hostClock } from '../../../engine/src/host/index.ts';
import { createFeeds } from '../../../engine/src/images/feeds.ts';
import { createLimiter } from '../../../engine/src/work/index.ts';
import {
  defaultRegistrySettings,
  openSession,
  type RegistrySession,
} from '../../../engine/src/images/registry/index.ts';
import { imagePaths, prepareStore } from '../../../engine/src/images/store/index.ts';
import { type Blob, type BuiltImage, buildImage, file } from '../../images/index.ts';
import { type Auth, type FakeRegistry, startFakeRegistry, startHttpProxy } from '../../registry/index.ts';

const CONTENT = randomBytes(300_000);
const fails = (code: ErrorCode) => (error: unknown) => isIgniteError(error, code);
const signal = () => AbortSignal.timeout(180_000);

async function image(): Promise<BuiltImage> {
  return buildImage({ layers: [{ entries: [file('big', CONTENT)], compression: 'none' }] });
}

interface Setup extends AsyncDisposable {
  readonly registry: FakeRegistry;
  readonly image: BuiltImage;
  readonly layer: Blob;
  session(more?: Partial<Parameters<typeof openSession>[0]>): RegistrySession;
}

async function setup(auth?: Auth): Promise<Setup> {
  const registry = await startFakeRegistry(auth);
  const built = await image();
  registry.add('team/app', '1', built);
  const sessions: RegistrySession[] = [];
  const [layer] = built.layers;
  if (layer === undefined) throw new Error('No layer');
  return {
    registry,
    image: built,
    layer,
    session(more = {}) {
      const session = openSession({
        reference: parseReference(`${registry.host}/team/app:1`),
        credentials: [],
        insecureRegistries: [],
        settings: { ...defaultRegistrySettings, certificateFolders: [], backoffMs: 1, attempts: 3 },
        clock: hostClock(),
        maxManifestBytes: 1 << 20,
        ...more,
      });
      sessions.push(session);
      return session;
    },
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) await session[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

/** Fetches the layer into a store of its own and tells what is in the blob folder afterwards. */
async function fetchLayer(session: RegistrySession, layer: Blob): Promise<readonly string[]> {
  const state = await mkdtemp(join(tmpdir(), 'feeds-'));
  try {
    const paths = imagePaths(state);
    await mkdir(state, { recursive: true });
    await prepareStore(paths);
    const feeds = createFeeds({
      paths,
      clock: hostClock(),
      attempts: 3,
      backoffMs: 1,
      limiter: createLimiter(2),
    });
    const caller = { report: () => {}, signal: signal() };
    const descriptor = { mediaType: layer.mediaType, digest: layer.digest, size: layer.size };
    try {
      await using feed = await feeds.open(descriptor, session, caller);
      await feed.done;
      assert.deepEqual(await readFile(paths.blob(layer.digest)), Buffer.from(layer.bytes));
    } finally {
      assert.deepEqual(await readdir(join(paths.imports, 'blobs')), []);
    }
    return await readdir(paths.blobs);
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

test('anonymous bearer tokens are asked for once per scope', async () => {
  await using s = await setup({ kind: 'bearer' });
  const session = s.session();
  assert.equal((await session.manifest('1', signal())).digest, s.image.manifest.digest);
  assert.equal((await fetchLayer(session, s.layer)).length, 1);
  const tokens = s.registry.seen.filter((seen) => seen.path.startsWith('/token'));
  assert.equal(tokens.length, 1);
  assert.match(tokens[0]?.path ?? '', /scope=repository%3Ateam%2Fapp%3Apull/);
  assert.match(tokens[0]?.path ?? '', /service=fake/);
});

test('an expired token is renewed', async () => {
  await using s = await setup({ kind: 'bearer', expiresIn: 1 });
  const session = s.session();
  await session.manifest('1', signal());
  await session.manifest('1', signal());
  assert.equal(s.registry.seen.filter((seen) => seen.path.startsWith('/token')).length, 2);
});

test('passwords and identity tokens are exchanged; wrong ones are unauthorized', async () => {
  const credentials = (host: string, password: string) => [{ registry: host, username: 'u', password }];
  {
    await using s = await setup({ kind: 'bearer', username: 'u', password: 'p' });
    await s.session({ credentials: credentials(s.registry.host, 'p') }).manifest('1', signal());
    for (const [wrong, shown] of [
      [[], 'without credentials'],
      [credentials(s.registry.host, 'q'), 'as u with a password'],
      [credentials('other.example', 'p'), 'without credentials'],
    ] as const)
      await assert.rejects(
        s.session({ credentials: wrong }).manifest('1', signal()),
        (error) => isIgniteError(error, 'images/unauthorized') && error.message.endsWith(`, asked ${shown}`),
      );
  }
  await using s = await setup({ kind: 'bearer', identityToken: 'secret' });
  await s
    .session({ credentials: [{ registry: s.registry.host, identityToken: 'secret' }] })
    .manifest('1', signal());
});

test('basic authentication among other challenges', async () => {
  await using s = await setup({ kind: 'basic', username: 'u', password: 'p:ä' });
  const credentials = [{ registry: s.registry.host, username: 'u', password: 'p:ä' }];
  await s.session({ credentials }).manifest('1', signal());
  await assert.rejects(s.session().manifest('1', signal()), fails('images/unauthorized'));
});

test('a redirect to another origin is followed without credentials', async () => {
  await using s = await setup({ kind: 'basic', username: 'u', password: 'p' });
  await using cdn = await startFakeRegistry();
  cdn.add('store', 'x', s.image);
  s.registry.misbehave = ({ path }) =>
    path.includes('/blobs/')
      ? { status: 307, headers: { location: `${cdn.url}/v2/store/blobs/${s.layer.digest}` } }
      : undefined;
  const credentials = [{ registry: s.registry.host, username: 'u', password: 'p' }];
  await fetchLayer(s.session({ credentials }), s.layer);
  assert.equal(cdn.seen.length, 1);
  assert.equal(cdn.seen[0]?.authorization, undefined);
});

test('credentials do not come back after a detour', async () => {
  await using s = await setup({ kind: 'basic', username: 'u', password: 'p' });
  await using other = await startFakeRegistry();
  other.misbehave = () => ({ status: 302, headers: { location: `${s.registry.url}/back` } });
  s.registry.misbehave = ({ path }) =>
    path.includes('/blobs/') ? { status: 302, headers: { location: `${other.url}/x` } } : undefined;
  const credentials = [{ registry: s.registry.host, username: 'u', password: 'p' }];
  await assert.rejects(fetchLayer(s.session({ credentials }), s.layer));
  const back = s.registry.seen.filter((seen) => seen.path === '/back');
  assert.ok(back.length > 0);
  for (const seen of back) assert.equal(seen.authorization, undefined);
});

test('an identity token does not follow its token server to another origin', async () => {
  await using s = await setup({ kind: 'bearer', identityToken: 'secret' });
  await using other = await startFakeRegistry();
  s.registry.misbehave = ({ path }) =>
    path.startsWith('/token') ? { status: 307, headers: { location: `${other.url}/token` } } : undefined;
  const credentials = [{ registry: s.registry.host, identityToken: 'secret' }];
  await assert.rejects(s.session({ credentials }).manifest('1', signal()), fails('images/registry-down'));
  assert.ok(s.registry.seen.some(({ body }) => body.includes('secret')));
  assert.deepEqual(other.seen, []);
});

test('redirects in circles end', async () => {
  await using s = await setup();
  s.registry.misbehave = ({ path }) =>
    path === '/v2/' ? undefined : { status: 302, headers: { location: path } };
  await assert.rejects(s.session().manifest('1', signal()), fails('images/registry-down'));
  assert.ok(s.registry.seen.length < 50);
});

test('a blob that is cut in half is resumed', async () => {
  await using s = await setup();
  let cuts = 0;
  s.registry.misbehave = ({ path }) =>
    path.includes('/blobs/') && ++cuts <= 2 ? { cutAfter: 100_000 } : undefined;
  await fetchLayer(s.session(), s.layer);
  const ranges = s.registry.seen.filter((seen) => seen.range !== undefined).map((seen) => seen.range);
  assert.equal(ranges.length, 2);
  assert.match(ranges[0] ?? '', /^bytes=[1-9]\d*-$/);
});

test('a registry without ranges starts again', async () => {
  await using s = await setup();
  let requests = 0;
  s.registry.misbehave = ({ path }) => {
    if (!path.includes('/blobs/')) return undefined;
    requests += 1;
    return requests === 1 ? { cutAfter: 100_000 } : { ignoreRange: true };
  };
  await fetchLayer(s.session(), s.layer);
});

test('a blob that is always cut before its first byte is given up', async () => {
  await using s = await setup();
  s.registry.misbehave = ({ path }) => (path.includes('/blobs/') ? { cutAfter: 0 } : undefined);
  await assert.rejects(fetchLayer(s.session(), s.layer), fails('images/registry-down'));
});

test('wrong bytes, too many and too few', async () => {
  await using s = await setup();
  const lies: readonly [Uint8Array, ErrorCode][] = [
    [randomBytes(s.layer.size), 'images/digest-mismatch'],
    [Buffer.concat([s.layer.bytes, Buffer.from('x')]), 'images/digest-mismatch'],
    [s.layer.bytes.subarray(0, 10), 'images/registry-down'],
  ];
  for (const [bytes, code] of lies) {
    s.registry.misbehave = ({ path }) => (path.includes('/blobs/') ? { bytes } : undefined);
    await assert.rejects(fetchLayer(s.session(), s.layer), fails(code));
  }
});

test('a manifest asked for by digest is verified', async () => {
  await using s = await setup();
  s.registry.misbehave = ({ path }) =>
    path.includes('/manifests/') ? { bytes: Buffer.from('{"schemaVersion":2}') } : undefined;
  await assert.rejects(
    s.session().manifest(s.image.manifest.digest, signal()),
    fails('images/digest-mismatch'),
  );
});

test('too many requests: waited for, or told', async () => {
  await using s = await setup();
  let slow = 1;
  s.registry.misbehave = ({ path }) =>
    path.includes('/manifests/') && slow-- > 0 ? { status: 429, headers: { 'retry-after': '0' } } : undefined;
  await s.session().manifest('1', signal());
  slow = 100;
  await assert.rejects(s.session().manifest('1', signal()), fails('images/rate-limited'));
});

test('a huge manifest is refused before it is read', async () => {
  await using s = await setup();
  s.registry.misbehave = ({ path }) =>
    path.includes('/manifests/') ? { bytes: Buffer.alloc(2 << 20) } : undefined;
  await assert.rejects(s.session().manifest('1', signal()), fails('images/too-large'));
});

test('nothing listens: the registry is down, and says where', async () => {
  const reference = parseReference('127.0.0.1:1/x:1');
  const settings = { ...defaultRegistrySettings, certificateFolders: [], backoffMs: 1, attempts: 2 };
  await using session = openSession({
    reference,
    credentials: [],
    insecureRegistries: [],
    settings,
    clock: hostClock(),
    maxManifestBytes: 1 << 20,
  });
  await assert.rejects(
    session.manifest('1', signal()),
    (error) => isIgniteError(error, 'images/registry-down') && error.message.includes('127.0.0.1:1'),
  );
});

test('a mirror is asked first; the registry stands behind it', async () => {
  await using s = await setup();
  await using mirror = await startFakeRegistry();
  const settings = {
    ...defaultRegistrySettings,
    certificateFolders: [],
    backoffMs: 1,
    attempts: 2,
    mirrors: { [s.registry.host]: [mirror.url] },
  };
  await s.session({ settings }).manifest('1', signal());
  assert.equal(mirror.seen.filter((seen) => seen.path.includes('/manifests/')).length, 1);
  mirror.add('team/app', '1', s.image);
  s.registry.seen.length = 0;
  await fetchLayer(s.session({ settings }), s.layer);
  assert.equal(s.registry.seen.length, 0);
});

test('a proxy is used, except for what it is told to leave', async () => {
  await using s = await setup();
  await using proxy = await startHttpProxy();
  const settings = (environment: Record<string, string>) => ({
    ...defaultRegistrySettings,
    certificateFolders: [],
    backoffMs: 1,
    attempts: 1,
    environment,
  });
  const through = { HTTPS_PROXY: proxy.url, http_proxy: proxy.url };
  const around = { ...through, no_proxy: '127.0.0.1' };
  await s.session({ settings: settings(around) }).manifest('1', signal());
  assert.deepEqual(proxy.asked, []);
  await s.session({ settings: settings(through) }).manifest('1', signal());
  assert.deepEqual(new Set(proxy.asked), new Set([s.registry.host]));
});
