// A repository over file://: push, and the VMs are as it says. The interval is long; looks are asked for.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SourceStatus } from '@ignite/api';
import { manifest, openWorld, type World } from '../declare/world.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { followed, vmNames } from './followed.ts';
import { makePusher, type Pusher } from './repository.ts';

let world: World;
let repo: Pusher;
let sync: () => Promise<SourceStatus>;
const ending = new AbortController();
let done: Promise<void>;

before(async () => {
  buildPrograms();
  world = await openWorld();
  repo = makePusher(world.folder);
  ({ sync, done } = await followed(
    world,
    { git: { url: `file://${repo.bare}`, interval: 3600 } },
    ending.signal,
  ));
});
after(async () => {
  ending.abort();
  await done;
  await world[Symbol.asyncDispose]();
});

const names = () => vmNames(world);

test('GIT-12: an empty repository is told and waited for', async () => {
  const status = await sync();
  assert.deepEqual([status.state, status.error?.code], ['unreachable', 'source/empty']);
});

test('GIT-02, GIT-18, GIT-21, GIT-24: push: running; Kubernetes’ manifests and other files are tolerated', async () => {
  const revision = await repo.push({
    'a.yaml': manifest('a', { cpus: 1 }, { labels: { host: 'one' } }),
    'sub/b.json': manifest('b', { running: false }),
    'deployment.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n',
    'values.yaml': 'replicas: 3\n',
    'README.md': '# no manifest\n',
  });
  const status = await sync();
  assert.deepEqual([status.state, status.applied, status.declared], ['good', revision, 2]);
  assert.deepEqual(names(), ['a', 'b']);
  const { status: a } = world.house.vms.inspect('a');
  assert.deepEqual([a.state, a.manager], ['running', `git:file://${repo.bare}`]);
  assert.deepEqual(a.origin, { file: 'a.yaml', line: 1 });
});

test('edit: converged; nothing changed: nothing done', async () => {
  await repo.push({ 'a.yaml': manifest('a', { cpus: 2 }, { labels: { host: 'one' } }) });
  const status = await sync();
  assert.deepEqual(
    status.items.map(({ name, action }) => [name, action]),
    [['a', 'restart']],
  );
  assert.equal(world.house.vms.inspect('a').spec.cpus, 2);
  assert.deepEqual((await sync()).items, []);
});

test('GIT-23, GIT-25: BUG-32: a broken file is told with its place, changes nothing of its VM and removes nothing', async () => {
  const broken = 'apiVersion: ignite.vm/v1beta1\nkind: VM\nmetadata: {name: a}\nspec:\n  cpu: 2\n';
  await repo.push({ 'a.yaml': broken, 'c.yaml': manifest('c', { running: false }), 'sub/b.json': null });
  const status = await sync();
  assert.equal(status.state, 'failing');
  assert.deepEqual(
    status.problems.map(({ file, line, column }) => [file, line, column]),
    [['a.yaml', 5, 3]],
  );
  assert.deepEqual(names(), ['a', 'b', 'c']);
  assert.match(status.waiting ?? '', /not removed while a file cannot be read/);
});

test('delete: gone, once the tree can be read', async () => {
  await repo.push({ 'a.yaml': manifest('a', { cpus: 2 }, { labels: { host: 'one' } }), 'c.yaml': null });
  const status = await sync();
  assert.equal(status.state, 'good');
  assert.deepEqual(names(), ['a']);
});

test('a stop by hand holds until the manifest changes, and other changes are refused with file and line', async () => {
  assert.equal((await world.ignite(['stop', 'a'])).code, 0);
  assert.match((await world.ignite(['ps', '-a'])).stdout, /Stopped \(.*stopped by hand\)/);
  const held = await sync();
  assert.deepEqual(
    held.items.map(({ name, drift }) => [name, drift]),
    [['a', 'stopped by hand']],
  );
  const refused = await world.ignite(['rm', '-f', 'a']);
  assert.match(refused.stderr, /a is managed by git:file:.*a\.yaml line 1/);
  assert.match((await world.ignite(['apply', '-f', '-'], manifest('a'))).stderr, /a is managed by git:/);
  assert.equal((await world.ignite(['resume', 'a'])).code, 0);
  assert.equal(world.house.vms.inspect('a').status.state, 'running');
  await world.ignite(['stop', 'a']);
  await repo.push({ 'a.yaml': manifest('a', { cpus: 1 }, { labels: { host: 'one' } }) });
  await sync();
  const { status } = world.house.vms.inspect('a');
  assert.deepEqual([status.state, status.override], ['running', undefined]);
});

test('two sources naming one VM: the newcomer is refused', async () => {
  const other = makePusher(world.folder, 'other');
  await other.push({ 'a.yaml': manifest('a'), 'z.yaml': manifest('z', { running: false }) });
  const gone = new AbortController();
  const second = await followed(
    world,
    { git: { url: `file://${other.bare}`, interval: 3600 } },
    AbortSignal.any([gone.signal, ending.signal]),
  );
  const status = await second.sync();
  assert.deepEqual(
    status.items.map(({ name, error }) => [name, error?.code]),
    [['a', 'declare/conflict']],
  );
  assert.equal(world.house.vms.inspect('z').status.manager, `git:file://${other.bare}`);
  gone.abort();
  await second.done;
  assert.equal((await world.ignite(['rm', '-f', 'z'])).code, 0);
});

test('GIT-13, GIT-15: a force-push is followed and told; a commit that empties the repository waits for approval', async () => {
  repo.git('checkout', '--quiet', '--orphan', 'again');
  repo.git('branch', '--delete', '--force', 'main');
  repo.git('branch', '--move', 'main');
  await repo.push({}, '--force');
  const rewritten = await sync();
  assert.match(rewritten.notes.join(), /history of main was rewritten/);
  await repo.push({ 'a.yaml': null, 'deployment.yaml': null, 'values.yaml': null });
  const status = await sync();
  assert.equal(status.state, 'waiting');
  assert.match(status.waiting ?? '', /1 of 1 VMs are declared no more; waiting for approval/);
  assert.deepEqual(names(), ['a']);
  const shown = await world.ignite(['gitops', 'status']);
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /waiting {3}1 of 1 VMs/);
  const approved = await world.ignite(['gitops', 'approve']);
  assert.equal(approved.code, 0);
  assert.deepEqual(names(), []);
});

test('a change that only a new VM can have waits for approval, is told as not applied, and is made when it is allowed', async () => {
  const of = (image: string, more = {}) =>
    manifest('w', { running: false, image: { oci: `registry.test/image:${image}` }, ...more });
  const seen = () => {
    const { metadata, spec } = world.house.vms.inspect('w');
    return [spec.image.oci, spec.cpus, metadata.created];
  };
  await repo.push({ 'w.yaml': of('1') });
  assert.equal((await sync()).state, 'good');
  const [, , created] = seen();

  await repo.push({ 'w.yaml': of('2') });
  const { state, waiting, items } = await sync();
  assert.equal(state, 'waiting');
  assert.match(waiting ?? '', /^w can only be as declared when it is made anew.*waiting for approval$/);
  assert.deepEqual([items.map(({ error }) => error?.code), seen()[2]], [['vm/needs-recreate'], created]);
  const { code, stdout } = await world.ignite(['gitops', 'status']);
  assert.equal(code, 1);
  assert.match(stdout, /^ {2}applied {3}\w+ at \S+, but for 1 of 1 VMs$/m);
  assert.match(stdout, /^ {2}vm {8}w: waits: spec\.image\.oci of w/m);

  // What is allowed is this revision, and no other.
  await repo.push({ 'w.yaml': of('2', { cpus: 2 }) });
  assert.equal((await sync()).state, 'waiting');
  assert.equal((await world.ignite(['gitops', 'approve'])).code, 0);
  assert.deepEqual(seen().slice(0, 2), ['registry.test/image:2', 2]);
  assert.notEqual(seen()[2], created);
  assert.equal((await sync()).state, 'good');
  await repo.push({ 'w.yaml': of('3', { cpus: 2 }) });
  assert.equal((await sync()).state, 'waiting');

  await repo.push({ 'w.yaml': null });
  await sync();
  assert.equal((await world.ignite(['gitops', 'approve'])).code, 0);
  assert.deepEqual(names(), []);
});

test('a push, and a force-push, between our question and our fetch: what is there last is applied', async () => {
  const { commands } = world.engine;
  const { run } = commands;
  const beforeFetch = (act: () => Promise<unknown>) =>
    Object.assign(commands, {
      run: async (words: [string, ...string[]], options: object) => {
        if (words.includes('fetch')) {
          Object.assign(commands, { run });
          await act();
        }
        return run(words, options);
      },
    });
  await repo.push({ 'p.yaml': manifest('p', { running: false }) });
  beforeFetch(() => repo.push({ 'q.yaml': manifest('q', { running: false }) }));
  assert.equal((await sync()).state, 'good');
  assert.equal((await sync()).state, 'good');
  assert.deepEqual(names(), ['p', 'q']);

  await repo.push({ 'p.yaml': null });
  beforeFetch(async () => {
    repo.git('reset', '--quiet', '--hard', 'HEAD~1');
    await repo.push({ 'q.yaml': null }, '--force');
    repo.git('--git-dir', repo.bare, 'reflog', 'expire', '--expire=now', '--all');
    repo.git('--git-dir', repo.bare, 'gc', '--quiet', '--prune=now');
  });
  const status = await sync();
  assert.equal(status.state, 'good');
  assert.deepEqual(names(), ['p']);
  await repo.push({ 'p.yaml': null });
  await sync();
  assert.equal((await world.ignite(['gitops', 'approve'])).code, 0);
});

test('a server that is gone changes nothing and is told', async () => {
  await repo.push({ 'a.yaml': manifest('a', { running: false }) });
  await sync();
  await world.engine.commands.run(['mv', repo.bare, `${repo.bare}.gone`]);
  const status = await sync();
  assert.deepEqual([status.state, status.error?.code], ['unreachable', 'source/unreachable']);
  assert.deepEqual(names(), ['a']);
  await world.engine.commands.run(['mv', `${repo.bare}.gone`, repo.bare]);
  assert.equal((await sync()).state, 'good');
});

test('GIT-44, GIT-46: pushes while nobody looked: right at the next look', async () => {
  await repo.push({ 'd.yaml': manifest('d', { running: false }) });
  await repo.push({ 'd.yaml': null, 'e.yaml': manifest('e', { running: false }) });
  await repo.push({ 'a.yaml': null });
  await sync();
  assert.deepEqual(names(), ['e']);
});

test('files of the host are not for who can push', async () => {
  await writeFile(join(world.folder, 'secret.pub'), 'ssh-ed25519 AAAA secret\n');
  await repo.push({ 'f.yaml': manifest('f', { running: false, ssh: join(world.folder, 'secret') }) });
  const status = await sync();
  assert.match(status.problems[0]?.message ?? '', /not below a path that manifests of sources may name/);
  assert.deepEqual(names(), ['e']);
});

test('GIT-45: 10,000 files, a file of 100 MB, anchors that explode: told, and survived', async () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'
      .split('')
      .map((key, index) => `${key}: &${key} [${`*${'abcdefgh'[index]},`.repeat(9).slice(0, -1)}]`),
  ].join('\n');
  const many = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`many/${index}.yaml`, 'apiVersion: v1\nkind: ConfigMap\n']),
  );
  await repo.push({
    'f.yaml': null,
    'bomb.yaml': `apiVersion: ignite.vm/v1beta1\nkind: VM\n${bomb}\n`,
    'huge.yaml': `# ${'x'.repeat(100 << 20)}\n`,
    ...many,
  });
  const status = await sync();
  const told = new Map(status.problems.map(({ file, message }) => [file, message]));
  assert.match(told.get('bomb.yaml') ?? '', /alias|nested|larger/i);
  assert.match(told.get('huge.yaml') ?? '', /larger than 16 MiB/);
  assert.ok([...told.values()].some((message) => /more are not read: at most 10000 manifests/.test(message)));
  assert.deepEqual(names(), ['e']);
});
