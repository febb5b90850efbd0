import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import type { DeclareRequest, Engine, SourcePlace } from '@ignite/engine';
import type { Listing, Origin } from './port.ts';
import { createSource, type SourceInput } from './source.ts';

/** A source with one revision, which its origin tells once, and which is read as `read` says. */
function sourceOf(read: Listing['read'], more: Partial<SourceInput> = {}, files: Listing['files'] = []) {
  let told = false;
  const origin: Origin = {
    manager: 'git:file:///r',
    kind: 'git',
    intervalMs: 1_000,
    list: async () => {
      if (told) return undefined;
      told = true;
      return { revision: 'r1', files, problems: [], notes: [], read };
    },
  };
  const engine = {
    vms: { look: () => [] },
    declare: { plan: () => [], apply: async () => [] },
    clock: { now: () => new Date(0), monotonicMs: () => 0, sleep: () => new Promise<void>(() => {}) },
  };
  const place = { applied: { load: async () => undefined, save: async () => {}, remove: async () => {} } };
  return createSource({
    origin,
    engine: engine as unknown as Engine,
    place: place as unknown as SourcePlace,
    hostFiles: {
      finish: async (object) => object,
      stamp: async () => undefined,
      large: async () => undefined,
    },
    say: () => {},
    ...more,
  });
}

test('a revision that could not be read is read at the next look', async () => {
  let reads = 0;
  const source = sourceOf(async () => {
    reads += 1;
    if (reads === 1) throw new IgniteError('host/deadline', 'git did not finish');
    return new Map();
  });
  const { signal } = new AbortController();

  const first = await source.sync(signal);
  const second = await source.sync(signal);

  assert.deepEqual([first.state, second.state, second.applied], ['unreachable', 'good', 'r1']);
});

test('a revision whose look was given up is read at the next look', async () => {
  const stop = new AbortController();
  const source = sourceOf(async () => {
    stop.abort();
    return new Map();
  });

  await assert.rejects(source.sync(stop.signal));

  assert.equal((await source.sync(new AbortController().signal)).applied, 'r1');
});

test('a look that is given up while it reads files of the host leaves no problem of a manifest', async () => {
  const text =
    'apiVersion: ignite.weave.works/v1alpha4\nkind: VM\nmetadata: {name: a}\nspec:\n  image: {oci: x}\n';
  const given = new AbortController();
  const engine = {
    vms: { look: () => [] },
    declare: { plan: () => [], apply: async () => [] },
    clock: { now: () => new Date(0), monotonicMs: () => 0, sleep: () => new Promise<void>(() => {}) },
  };
  const source = sourceOf(
    async (wanted) => new Map(wanted.map(({ path }) => [path, text])),
    {
      engine: engine as unknown as Engine,
      hostFiles: {
        finish: async (object, signal) => {
          given.abort(new IgniteError('host/cancelled', 'The client went away'));
          signal.throwIfAborted();
          return object;
        },
        stamp: async () => 'one',
        large: async () => undefined,
      },
    },
    [{ path: 'a.yaml', key: 'k', bytes: text.length }],
  );

  await assert.rejects(source.sync(given.signal), { code: 'host/cancelled' });

  assert.deepEqual((await source.sync(new AbortController().signal)).problems, []);
});

test('a file of the host that is another now is seen though no manifest changed', async () => {
  const text =
    'apiVersion: ignite.weave.works/v1alpha4\nkind: VM\nmetadata: {name: a}\nspec:\n  image: {oci: x}\n';
  let stamp = 'one';
  const planned: (string | undefined)[] = [];
  const engine = {
    vms: { look: () => [] },
    declare: {
      plan: ({ objects }: DeclareRequest) => {
        planned.push(objects[0]?.filesDigest);
        return [];
      },
      apply: async () => [],
    },
    clock: { now: () => new Date(0), monotonicMs: () => 0, sleep: () => new Promise<void>(() => {}) },
  };
  const source = sourceOf(
    async (wanted) => new Map(wanted.map(({ path }) => [path, text])),
    {
      engine: engine as unknown as Engine,
      hostFiles: {
        finish: async (object) => ({ ...object, filesDigest: `sha256:${stamp}` }),
        stamp: async () => stamp,
        large: async () => undefined,
      },
    },
    [{ path: 'a.yaml', key: 'k', bytes: text.length }],
  );
  const { signal } = new AbortController();

  await source.sync(signal);
  stamp = 'two';
  await source.sync(signal);

  assert.deepEqual(planned, ['sha256:one', 'sha256:two']);
});
