// Write-back: what is changed by hand becomes a commit, with every other byte as it was, and never against a push of
// somebody else.
import assert from 'node:assert/strict';
import { chownSync } from 'node:fs';
import { hostname } from 'node:os';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import type { SourceStatus, WriteBackMode } from '@ignite/api';
import { openWorld, type World } from '../declare/world.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { followed, vmNames } from './followed.ts';
import { makePusher, type Pusher } from './repository.ts';

let world: World;
let repo: Pusher;
let sync: () => Promise<SourceStatus>;
let ending: AbortController;
let done: Promise<void> = Promise.resolve();
let count = 0;

before(async () => {
  buildPrograms();
  world = await openWorld();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});
beforeEach(() => {
  repo = makePusher(world.folder, `repo${(count += 1)}`);
});
afterEach(async () => {
  ending.abort();
  await done;
  for (const name of vmNames(world)) assert.equal((await world.ignite(['rm', '-f', name])).code, 0);
});

async function follow(writeBack: WriteBackMode): Promise<void> {
  ending = new AbortController();
  const git = { url: `file://${repo.bare}`, interval: 3600, writeBack };
  ({ sync, done } = await followed(world, { git }, ending.signal));
}

/** With everything a rewrite would lose. */
function text(name: string, more = ''): string {
  return `# ${name} of the shop
apiVersion: ignite.vm/v1beta1
kind: VM
metadata: {name: ${name}}   # for life
spec:
  cpus:   1 # enough
  image:
    oci: 'registry.test/image:1'
  kernel: {cmdLine: ready=app serve}
  network:
      mode: none
${more}`;
}

/** What a path says at the tip of a branch. */
function at(branch: string, path: string): string {
  return repo.git('--git-dir', repo.bare, 'show', `${branch}:${path}`);
}

function commits(branch = 'main'): number {
  return Number(repo.git('--git-dir', repo.bare, 'rev-list', '--count', branch));
}

/** Does something just before our next push. */
function beforePush(act: () => Promise<unknown>): void {
  const { commands } = world.engine;
  const { run } = commands;
  Object.assign(commands, {
    run: async (words: [string, ...string[]], options: object) => {
      if (words.includes('push')) {
        Object.assign(commands, { run });
        await act();
      }
      return run(words, options);
    },
  });
}

async function pull(): Promise<void> {
  repo.git('pull', '--quiet', '--rebase', 'origin', 'main');
}

test('main: a stop by hand is a commit that changes one line', async () => {
  const all = `${text('a')}---\n${text('b', '  running: true # always\n')}`;
  await repo.push({ 'sub/vms.yaml': all });
  await follow('main');
  await sync();
  assert.equal((await world.ignite(['stop', 'a'])).code, 0);
  assert.equal((await world.ignite(['stop', 'b'])).code, 0);
  const status = await sync();
  const [a = '', b = ''] = at('main', 'sub/vms.yaml').split('---\n');
  assert.equal(a, `${text('a')}  running: false\n`);
  assert.equal(b, text('b', '  running: false # always\n'));
  assert.deepEqual([status.state, status.writeBack?.branch, commits()], ['good', 'main', 2]);
  assert.equal(status.applied, status.writeBack?.revision);
  assert.equal(
    repo.git('--git-dir', repo.bare, 'log', '-1', '--format=%an', 'main').trim(),
    `Ignite on ${hostname()}`,
  );
  const { override, state } = world.house.vms.inspect('a').status;
  assert.deepEqual([override, state], [undefined, 'stopped']);
  await sync();
  assert.equal(commits(), 2);
  await world.ignite(['start', 'a']);
  await sync();
  assert.match(at('main', 'sub/vms.yaml'), /mode: none\n {2}running: true\n---/);
  assert.match((await world.ignite(['gitops', 'status'])).stdout, /writes {4}to main, last [0-9a-f]{40}/);
});

test('main: `update` goes through the manifest, and back to the VM', async () => {
  await repo.push({ 'a.yaml': text('a') });
  await follow('main');
  await sync();
  const told = await world.ignite(['update', 'a', '--cpus', '3', '--memory', '1GB']);
  assert.deepEqual(
    [told.code, told.stderr.trim()],
    [0, 'Written for "a" into its manifest, on the branch main'],
  );
  assert.equal(at('main', 'a.yaml'), text('a', '  memory: 1GB\n').replace('1 # enough', '3 # enough'));
  assert.equal(world.house.vms.inspect('a').spec.cpus, 3);
  assert.deepEqual((await sync()).items, []);
});

test('GIT-16, RAC-08: main: a push at the same moment comes first; ours is written upon it, or given up for it', async () => {
  await repo.push({ 'a.yaml': text('a'), 'b.yaml': text('b') });
  await follow('main');
  await sync();
  await world.ignite(['stop', 'a']);
  beforePush(() => repo.push({ 'b.yaml': text('b', '  env: [NEW=1]\n') }));
  assert.equal((await sync()).state, 'good');
  assert.equal(at('main', 'a.yaml'), text('a', '  running: false\n'));
  assert.match(at('main', 'b.yaml'), /NEW=1/);
  assert.equal(commits(), 3);

  await pull();
  await world.ignite(['stop', 'b']);
  const theirs = text('b', '  env: [THEIRS=1]\n');
  beforePush(() => repo.push({ 'b.yaml': theirs }));
  assert.equal((await sync()).state, 'good');
  assert.equal(at('main', 'b.yaml'), theirs);
  assert.equal(world.house.vms.inspect('b').status.state, 'running');

  beforePush(() => repo.push({ 'a.yaml': text('a', '  running: false\n  env: [THEIRS=1]\n') }));
  const refused = await world.ignite(['update', 'a', '--cpus', '2']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /manifest of a was changed at the same moment/);
  assert.equal(world.house.vms.inspect('a').spec.cpus, 1);
  assert.equal(commits(), 5);
});

test('main: a repository that takes no commits of ours: told, and nothing but that', async () => {
  await repo.push({ 'a.yaml': text('a') });
  await follow('main');
  await sync();
  repo.git('--git-dir', repo.bare, 'config', 'receive.maxInputSize', '1');
  await world.ignite(['stop', 'a']);
  const status = await sync();
  assert.deepEqual([status.state, status.writeBack?.error?.code], ['failing', 'source/cannot-push']);
  assert.equal(world.house.vms.inspect('a').status.state, 'stopped');
  assert.match((await world.ignite(['update', 'a', '--cpus', '2'])).stderr, /did not take our commit/);
  chownSync(repo.bare, 65_534, 65_534);
  assert.equal((await sync()).writeBack?.error?.code, 'source/not-own-repository');
  chownSync(repo.bare, process.getuid?.() ?? 0, 0);
  repo.git('--git-dir', repo.bare, 'config', '--unset', 'receive.maxInputSize');
  assert.equal((await sync()).state, 'good');
  assert.equal(at('main', 'a.yaml'), text('a', '  running: false\n'));
});

test('branch: one of its own, until somebody merges it; commits of others there are left alone', async () => {
  const own = `ignite/${hostname()}`;
  await repo.push({ 'a.yaml': text('a'), 'b.yaml': text('b') });
  await follow('branch');
  await sync();
  await world.ignite(['stop', 'a']);
  await world.ignite(['update', 'b', '--cpus', '2']);
  const status = await sync();
  assert.deepEqual([status.state, commits(), commits(own)], ['good', 1, 2]);
  assert.equal(at(own, 'a.yaml'), text('a', '  running: false\n'));
  assert.match(at(own, 'b.yaml'), /cpus: {3}2 # enough/);
  assert.deepEqual([world.house.vms.inspect('b').spec.cpus, at('main', 'a.yaml')], [1, text('a')]);
  const tip = repo.git('--git-dir', repo.bare, 'rev-parse', own);
  await sync();
  assert.equal(repo.git('--git-dir', repo.bare, 'rev-parse', own), tip);

  repo.git('fetch', '--quiet', 'origin', own);
  repo.git('merge', '--quiet', '--ff-only', 'FETCH_HEAD');
  repo.git('push', '--quiet', 'origin', 'HEAD:main', `:${own}`);
  await sync();
  const { a, b } = { a: world.house.vms.inspect('a').status, b: world.house.vms.inspect('b') };
  assert.deepEqual([a.override, a.state, b.spec.cpus], [undefined, 'stopped', 2]);

  repo.git('commit', '--quiet', '--allow-empty', '--message', 'Theirs');
  repo.git('push', '--quiet', 'origin', `HEAD:refs/heads/${own}`);
  const theirs = repo.git('rev-parse', 'HEAD');
  await world.ignite(['stop', 'b']);
  const taken = await sync();
  assert.equal(taken.writeBack?.error?.code, 'source/branch-taken');
  assert.equal(repo.git('--git-dir', repo.bare, 'rev-parse', own), theirs);
});

test('GIT-32, GIT-33: GIT-14, GIT-30, GIT-31: --write-back=ignite writes manifests whole, with status, as the original', async () => {
  const old = `# gone afterwards
apiVersion: ignite.weave.works/v1alpha3
kind: VM
metadata: {name: old, uid: 6e7a4eb0-1f6a-4d3a-9d27-0c6c3f7f0001}
spec:
  image: {oci: "registry.test/image:1"}
  kernel: {cmdLine: ready=app serve}
status: {running: true}
`;
  await repo.push({ 'old.yaml': old, 'a.yaml': text('a') });
  await follow('ignite');
  await sync();
  await sync();
  const written = at('main', 'old.yaml');
  assert.match(written, /^kind: VM\napiVersion: ignite\.weave\.works\/v1alpha4\nmetadata:\n {2}name: old\n/);
  assert.match(written, /\n {2}diskSize: .*\n/);
  assert.match(
    written,
    /\nstatus:\n {2}running: true\n {2}runtime: \{\}\n {2}network: \{\}\n {2}image:\n {4}id: /,
  );
  assert.equal(at('main', 'a.yaml'), text('a'));
  const log = repo.git('--git-dir', repo.bare, 'log', '-1', '--format=%an <%ae>%n%s', 'main');
  assert.equal(log, 'Weave libgitops <support@weave.works>\nUpdate files changed by libgitops\n');
  assert.deepEqual([(await sync()).state, commits()], ['good', 2]);
  assert.equal(world.house.vms.inspect('old').status.state, 'running');
  await world.ignite(['stop', 'old']);
  await sync();
  assert.match(at('main', 'old.yaml'), /\nstatus:\n {2}running: false\n/);
  assert.equal(commits(), 3);
});
