// Two daemons on one repository, and one daemon on several: each host has its part, and what both write lands.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { GitSource } from '@ignite/api';
import { manifest, openWorld, type World } from '../declare/world.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { followed, type Followed, vmNames } from './followed.ts';
import { makePusher, type Pusher } from './repository.ts';

const HOSTS = ['one', 'two'] as const;

let worlds: readonly World[] = [];
let repo: Pusher;

before(async () => {
  buildPrograms();
  worlds = [await openWorld(), await openWorld()];
  repo = makePusher(worlds[0]?.folder ?? '');
});
after(async () => {
  for (const world of worlds) await world[Symbol.asyncDispose]();
});

/** Both hosts follow; the end of the scope withdraws them, and VMs stay. */
async function both(wanted: (host: string) => { readonly git: GitSource; readonly selector?: string }) {
  const ending = new AbortController();
  const sources: Followed[] = [];
  for (const [index, world] of worlds.entries())
    sources.push(await followed(world, wanted(HOSTS[index] ?? ''), ending.signal));
  return {
    sync: () => Promise.all(sources.map((source) => source.sync())),
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await Promise.all(sources.map(({ done }) => done));
    },
  };
}

function vms(): readonly (readonly string[])[] {
  return worlds.map(vmNames);
}

function on(host: string, name: string, spec: object = { running: false }): string {
  return manifest(name, spec, { labels: { host } });
}

async function clear(): Promise<void> {
  for (const world of worlds)
    for (const name of vmNames(world)) assert.equal((await world.ignite(['rm', '-f', name])).code, 0);
}

test('by label: each host has its own; a VM whose label changes goes from one and comes to the other', async () => {
  await repo.push({
    'a.yaml': on('one', 'a'),
    'b.yaml': on('one', 'b'),
    'c.yaml': on('two', 'c'),
    'd.yaml': on('two', 'd'),
  });
  const git = { url: `file://${repo.bare}`, interval: 3600 };
  await using hosts = await both((host) => ({ git, selector: `host=${host}` }));
  const states = await hosts.sync();
  assert.deepEqual(
    states.map(({ state }) => state),
    ['good', 'good'],
  );
  assert.deepEqual(vms(), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  const revision = await repo.push({ 'b.yaml': on('two', 'b'), 'd.yaml': null });
  const moved = await hosts.sync();
  assert.deepEqual(vms(), [['a'], ['b', 'c']]);
  assert.deepEqual(
    moved.map(({ applied }) => applied),
    [revision, revision],
  );
});

test('three pushes while nobody followed: right afterwards, on both', async () => {
  await repo.push({ 'c.yaml': null, 'e.yaml': on('two', 'e') });
  await repo.push({ 'f.yaml': on('one', 'f') });
  await repo.push({ 'f.yaml': on('two', 'f'), 'g.yaml': on('one', 'g') });
  const git = { url: `file://${repo.bare}`, interval: 3600 };
  await using hosts = await both((host) => ({ git, selector: `host=${host}` }));
  await hosts.sync();
  assert.deepEqual(vms(), [
    ['a', 'g'],
    ['b', 'e', 'f'],
  ]);
});

test('by folder, and both write back to one branch at once', async () => {
  await clear();
  const runs = { running: true };
  await repo.push({
    'hosts/one/x.yaml': on('one', 'x', runs),
    'hosts/two/y.yaml': on('two', 'y', runs),
  });
  await using hosts = await both((host) => ({
    git: { url: `file://${repo.bare}`, interval: 3600, path: `hosts/${host}`, writeBack: 'main' },
  }));
  await hosts.sync();
  assert.deepEqual(vms(), [['x'], ['y']]);
  const [one, two] = worlds;
  assert.equal((await one?.ignite(['stop', 'x']))?.code, 0);
  assert.equal((await two?.ignite(['stop', 'y']))?.code, 0);
  const states = await hosts.sync();
  assert.deepEqual(
    states.map(({ state }) => state),
    ['good', 'good'],
  );
  for (const path of ['hosts/one/x.yaml', 'hosts/two/y.yaml'])
    assert.match(repo.git('--git-dir', repo.bare, 'show', `main:${path}`), /"running":\s?false/);
  assert.deepEqual(
    worlds.map((world) => world.house.vms.list()[0]?.status.override),
    [undefined, undefined],
  );
});

test('several repositories on one host: each has its VMs, and one that is gone holds up no other', async () => {
  await clear();
  const [world] = worlds;
  if (world === undefined) return;
  const second = makePusher(world.folder, 'second');
  await second.push({ 's.yaml': manifest('s', { running: false }) });
  const ending = new AbortController();
  const follow = (url: string) => followed(world, { git: { url, interval: 3600 } }, ending.signal);
  const sources = [
    await follow(`file://${repo.bare}`),
    await follow(`file://${second.bare}`),
    await follow(`file://${world.folder}/none.git`),
  ];
  const states = await Promise.all(sources.map((source) => source.sync()));
  assert.deepEqual(
    states.map(({ state }) => state),
    ['good', 'good', 'unreachable'],
  );
  assert.deepEqual(world.house.vms.inspect('s').status.manager, `git:file://${second.bare}`);
  const shown = await world.ignite(['gitops', 'status']);
  assert.equal(shown.code, 1);
  assert.equal(shown.stdout.match(/^git:file:/gm)?.length, 3);
  ending.abort();
  await Promise.all(sources.map(({ done }) => done));
});
