// Imports that end early: cancelled, their worker killed, their daemon killed, the disk full. Nothing stays behind.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorCode, isIgniteError } from '@ignite/api';
import { buildImage, type BuiltImage, file } from '../../images/index.ts';
import { type FakeRegistry, startFakeRegistry } from '../../registry/index.ts';
import { LOOK_MS } from '../../../engine/src/images/watch-pace.ts';
import { assertClean, openStore, reopen, request } from './fixture.ts';

const fails = (code: ErrorCode) => (error: unknown) => isIgniteError(error, code);

/** A registry whose last layer stops in the middle and never goes on. */
async function stallingRegistry(): Promise<
  FakeRegistry & { readonly reference: string; readonly image: BuiltImage }
> {
  const registry = await startFakeRegistry();
  const layer = () => ({ entries: [file('big', randomBytes(500_000))], compression: 'none' as const });
  const image = await buildImage({ layers: [layer(), layer()] });
  registry.add('slow/app', '1', image);
  registry.misbehave = ({ path }) =>
    path.endsWith(image.layers[1]?.digest ?? '-') ? { stallAfter: 100_000 } : undefined;
  return Object.assign(registry, { reference: `${registry.host}/slow/app:1`, image });
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = performance.now() + 180_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error('It did not happen');
    await delay(10);
  }
}

/** The pid of the import worker among the children of a process. */
async function workerOf(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  for (const child of children.trim().split(' ').filter(Boolean)) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('worker/main.ts') && command.startsWith(process.execPath)) return Number(child);
  }
  return undefined;
}

test('BUG-08: a cancelled import leaves nothing; another caller of the same image goes on', async () => {
  await using registry = await stallingRegistry();
  await using store = await openStore();
  const before = await store.files();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = store.images.ensure(registry.reference, request({ signal: first.signal }));
  const two = store.images.ensure(registry.reference, request({ signal: second.signal }));
  one.catch(() => {});
  two.catch(() => {});
  await until(() => (registry.stalled() > 0 ? true : undefined));
  first.abort();
  await assert.rejects(one, fails('host/cancelled'));
  registry.misbehave = () => undefined;
  registry.dropStalled();
  const record = await two;
  await assertClean(record.base.path);
  await store.images.remove(record.reference, () => false);
  assert.deepEqual(await store.files(), [...before, 'images/oci/index.json'].sort());
});

test('a registry that stalls holds up nobody who pulls the same image from another one', async () => {
  await using slow = await stallingRegistry();
  await using good = await startFakeRegistry();
  good.add('slow/app', '1', slow.image);
  await using store = await openStore();
  const stop = new AbortController();
  const held = store.images.ensure(slow.reference, request({ signal: stop.signal }));
  held.catch(() => {});
  await until(() => (slow.stalled() > 0 ? true : undefined));
  const record = await store.images.ensure(`${good.host}/slow/app:1`, request());
  await assertClean(record.base.path);
  stop.abort();
  await assert.rejects(held, fails('host/cancelled'));
  assert.equal((await store.images.find(record.reference))?.uid, record.uid);
  await assertClean(record.base.path);
});

test('an import whose layers hardly come on takes no worker from others, and is whole when they have come', async (t) => {
  await using registry = await stallingRegistry();
  await using store = await openStore();
  t.mock.timers.enable({ apis: ['setInterval'] });
  const pull = store.images.ensure(registry.reference, request());
  pull.catch(() => {});
  await until(() => workerOf(process.pid));
  await until(() => (registry.stalled() > 0 ? true : undefined));
  t.mock.timers.tick(2 * LOOK_MS); // what had come by the first look was much
  await until(async () => ((await workerOf(process.pid)) === undefined ? true : undefined));
  registry.misbehave = () => undefined;
  registry.dropStalled();
  await assertClean((await pull).base.path);
});

test('the last caller to cancel leaves after the cleaning', async () => {
  await using registry = await stallingRegistry();
  await using store = await openStore();
  const before = await store.files();
  const stop = new AbortController();
  const pull = store.images.ensure(registry.reference, request({ signal: stop.signal }));
  pull.catch(() => {});
  await until(() => workerOf(process.pid));
  stop.abort();
  await assert.rejects(pull, fails('host/cancelled'));
  assert.deepEqual(await store.files(), before);
  assert.equal(await workerOf(process.pid), undefined);
});

test('a killed worker is an import error; it has no rights, no network and bounds', async () => {
  await using registry = await stallingRegistry();
  await using store = await openStore();
  const before = await store.files();
  const pull = store.images.ensure(registry.reference, request());
  pull.catch(() => {});
  const pid = await until(() => workerOf(process.pid));
  if (process.getuid?.() === 0) {
    const status = await until(async () => {
      const text = await readFile(`/proc/${pid}/status`, 'utf8');
      return /^Uid:\t65534\t65534\t65534\t65534$/m.test(text) ? text : undefined;
    });
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^CapEff:\t0+$/m);
    assert.match(status, /^CapPrm:\t0+$/m);
    assert.match(status, /^Groups:\t\s*$/m);
    const limits = await readFile(`/proc/${pid}/limits`, 'utf8'); // set before it has that identity
    assert.match(limits, /^Max processes +0 +0 /m);
    assert.match(limits, /^Max data size +\d+ +\d+ +bytes/m);
    assert.match(limits, /^Max file size +\d+ +\d+ +bytes/m);
    const links = await readFile(`/proc/${pid}/net/dev`, 'utf8');
    assert.deepEqual(
      links.match(/^\s*\w+:/gm)?.map((name) => name.trim()),
      ['lo:'],
    );
  }
  process.kill(pid, 'SIGKILL');
  await assert.rejects(pull, fails('images/worker-died'));
  assert.deepEqual(await store.files(), before);
});

test('a daemon killed with -9: its worker ends, the next one sweeps', async () => {
  await using registry = await stallingRegistry();
  await using store = await openStore();
  const before = await store.files();
  const daemon = startPuller(store.state, registry.reference);
  try {
    const worker = await until(() => workerOf(daemon.pid ?? 0));
    await until(async () => ((await store.files()).length > before.length ? true : undefined));
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGKILL');
    await ended;
    await until(() =>
      readFile(`/proc/${worker}/stat`).then(
        () => undefined,
        () => true,
      ),
    );
  } finally {
    daemon.kill('SIGKILL');
  }
  assert.ok((await store.files()).some((path) => path.startsWith('imports/')));
  const images = await reopen(store.state);
  assert.deepEqual(await store.files(), before);
  assert.deepEqual(await images.list(), []);
});

test('a full disk is told before anything is fetched', async () => {
  const registry = await startFakeRegistry();
  await using _ = registry;
  const image = await buildImage({ layers: [{ entries: [file('a', 'b')] }] });
  const [layer] = image.layers;
  assert.ok(layer !== undefined);
  const huge = 2 ** 50;
  const bytes = Buffer.from(
    Buffer.from(image.manifest.bytes).toString().replace(`"size":${layer.size}`, `"size":${huge}`),
  );
  registry.add('x/huge', '1', { ...image, manifest: { ...image.manifest, bytes } });
  registry.addDocument('x/huge', '1', { ...image.manifest, bytes, size: bytes.length });
  await using store = await openStore();
  await assert.rejects(
    store.images.ensure(`${registry.host}/x/huge:1`, request()),
    (error) => isIgniteError(error, 'host/disk-full') && /MiB/.test(error.message),
  );
  assert.ok(!registry.seen.some((seen) => seen.path.endsWith(layer.digest)));
});

function startPuller(state: string, reference: string): ChildProcess {
  const program = fileURLToPath(new URL('./pull-once.ts', import.meta.url));
  return spawn(process.execPath, [program, state, reference], { stdio: 'ignore' });
}
