// A folder of manifests: what a person writes there becomes so; half-written files and renames do no harm.
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SourceStatus } from '@ignite/api';
import { manifest, openWorld, type World } from '../declare/world.ts';
import { buildPrograms, eventually } from '../supervisor/world.ts';
import { followed, vmNames } from './followed.ts';

let world: World;
let folder: string;
let sync: () => Promise<SourceStatus>;
let done: Promise<void>;
const ending = new AbortController();

before(async () => {
  buildPrograms();
  world = await openWorld();
  folder = join(world.folder, 'manifests');
  await mkdir(folder);
  ({ sync, done } = await followed(world, { folder: { path: folder } }, ending.signal));
});
after(async () => {
  ending.abort();
  await done;
  await world[Symbol.asyncDispose]();
});

const names = () => vmNames(world);

const STOPPED = { running: false };

test('GIT-01, GIT-43, BUG-19: GIT-40: a file that is written is noticed without being asked, and left as it is', async () => {
  const path = join(folder, 'a.yaml');
  const text = `# mine\n${manifest('a', STOPPED)}`;
  await writeFile(path, text);
  const { mtimeMs } = await stat(path);
  await eventually(names, (now) => now.join() === 'a', 60_000);
  assert.equal(world.house.vms.inspect('a').status.manager, `folder:${folder}`);
  assert.equal(await readFile(path, 'utf8'), text);
  assert.equal((await stat(path)).mtimeMs, mtimeMs);
});

test('GIT-42: a rename changes where a VM is read, and nothing else', async () => {
  await mkdir(join(folder, 'sub'));
  await rename(join(folder, 'a.yaml'), join(folder, 'sub/b.yaml'));
  await sync();
  assert.deepEqual(names(), ['a']);
  assert.deepEqual(world.house.vms.inspect('a').status.origin?.file, 'sub/b.yaml');
});

test('GIT-41: an editor’s leftovers are no manifests; a half-written file removes nothing', async () => {
  await writeFile(join(folder, '.a.yaml.swp'), 'x');
  await writeFile(join(folder, 'c.yaml~'), manifest('c', STOPPED));
  await writeFile(join(folder, 'sub/b.yaml'), manifest('a', STOPPED).slice(0, 60));
  const status = await sync();
  assert.equal(status.state, 'failing');
  assert.equal(status.problems[0]?.file, 'sub/b.yaml');
  assert.ok((status.problems[0]?.line ?? 0) >= 1);
  await writeFile(join(folder, 'sub/b.yaml'), '');
  assert.equal((await sync()).state, 'failing');
  assert.deepEqual(names(), ['a']);
});

test('a broken file does not stop the others', async () => {
  await writeFile(join(folder, 'd.yaml'), manifest('d', STOPPED));
  await sync();
  assert.deepEqual(names(), ['a', 'd']);
});

test('a file that goes takes its VM along', async () => {
  await writeFile(join(folder, 'sub/b.yaml'), manifest('a', STOPPED));
  await rm(join(folder, 'd.yaml'));
  await sync();
  assert.deepEqual(names(), ['a']);
});

test('a folder that goes away removes nothing', async () => {
  await rename(folder, `${folder}.gone`);
  const status = await sync();
  assert.deepEqual([status.state, status.error?.code], ['unreachable', 'source/unreachable']);
  assert.deepEqual(names(), ['a']);
  await rename(`${folder}.gone`, folder);
  assert.equal((await sync()).state, 'good');
});

test('a manifest’s Kind that is not ours, and one in a version of the original', async () => {
  const old = {
    apiVersion: 'ignite.weave.works/v1alpha4',
    kind: 'VM',
    metadata: { name: 'old', uid: '6e7a4eb0-1f6a-4d3a-9d27-0c6c3f7f0001' },
    spec: { image: { oci: 'registry.test/image:1' } },
  };
  await writeFile(join(folder, 'old.json'), JSON.stringify(old));
  await sync();
  const vm = world.house.vms.inspect('old');
  assert.deepEqual([vm.metadata.uid, vm.status.state], [old.metadata.uid, 'created']);
});

test('CLI-F06, CLI-F07, CLI-F08, BUG-21, CFG-03: what a source says of new VMs is theirs, and stays', async (t) => {
  const of = (uid: string) => world.house.vms.inspect(uid);
  const without = manifest('plain', { ...STOPPED, network: undefined });
  const own = join(world.folder, 'own');
  await mkdir(own);
  const until = new AbortController();
  t.after(() => until.abort());
  const wanted = { folder: { path: own } };
  const defaults = { networkPlugin: 'user', idPrefix: 'team' } as const;
  const first = await followed(world, { ...wanted, defaults }, until.signal);
  await writeFile(join(own, 'plain.yaml'), without);
  await writeFile(join(own, 'says.yaml'), manifest('says', STOPPED));
  assert.equal((await first.sync()).state, 'good');
  assert.deepEqual([of('plain').spec.network.mode, of('plain').status.idPrefix], ['user', 'team']);
  assert.deepEqual([of('says').spec.network.mode, of('says').status.idPrefix], ['none', 'team']);
  until.abort();
  await first.done;

  // Another default is for others; a runtime that is not there is told with the VM that it would be of.
  const later = new AbortController();
  t.after(() => later.abort());
  const second = await followed(world, { ...wanted, defaults: { runtime: 'docker' } }, later.signal);
  await writeFile(join(own, 'docker.yaml'), manifest('boxed', STOPPED));
  const { items } = await second.sync();
  const told = items.map(({ name, action, error }) => [name, action, error?.code]);
  assert.deepEqual(told, [['boxed', 'create', 'supervisor/needs-root']]);
  assert.equal(of('plain').spec.network.mode, 'user');
  for (const file of ['docker.yaml', 'says.yaml']) await rm(join(own, file));
  await second.sync();
  assert.ok(!names().includes('says'));
  later.abort();
  await second.done;
});
