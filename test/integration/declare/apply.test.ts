// apply, diff, get and delete over a real daemon with the stand-in VMM.
import assert from 'node:assert/strict';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildPrograms } from '../supervisor/world.ts';
import { manifest, openWorld, type World } from './world.ts';

let world: World;

before(async () => {
  buildPrograms();
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

function state(name: string): string {
  return world.house.vms.inspect(name).status.state;
}

test('a manifest becomes a VM that runs; again nothing happens', async () => {
  const text = manifest('one', {}, { labels: { app: 'x' } });
  const first = await world.ignite(['apply', '-f', '-'], text);
  assert.deepEqual([first.stdout, first.stderr, first.code], ['one created\n', '', 0]);
  assert.equal(state('one'), 'running');
  assert.equal((await world.ignite(['apply', '-f', '-'], text)).stdout, 'one unchanged\n');
  assert.deepEqual(await world.ignite(['diff', '-f', '-'], text), { code: 0, stdout: '', stderr: '' });
});

test('SEC-04: what a VM logs is in its own folder, for nobody else', async () => {
  const { uid } = world.house.vms.inspect('one').metadata;
  const folder = join(world.folder, 'state/vms', uid);
  assert.equal((await stat(folder)).mode & 0o066, 0, 'VMMs only pass through');
  const log = join(folder, 'log');
  assert.equal((await stat(log)).mode & 0o066, 0);
  for (const name of await readdir(log))
    assert.equal((await stat(join(log, name))).mode & 0o777, 0o600, name);
});

test('diff says for each field when it takes effect, and apply brings it about', async () => {
  const text = manifest('one', { cpus: 2, restartPolicy: { name: 'always' } }, { labels: { app: 'y' } });
  const shown = await world.ignite(['diff', '-f', '-'], text);
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /^one: restart {2}stdin:1$/m);
  assert.match(shown.stdout, /^ {2}spec\.cpus: 1 -> 2 {2}\[restart\]$/m);
  assert.match(shown.stdout, /^ {2}spec\.restartPolicy: .* \[live\]$/m);
  const { created } = world.house.vms.inspect('one').metadata;
  const before = world.house.vms.inspect('one').status.startTime;
  assert.equal((await world.ignite(['apply', '-f', '-'], text)).stdout, 'one restarted\n');
  const { spec, status, metadata } = world.house.vms.inspect('one');
  assert.deepEqual([spec.cpus, metadata.labels, status.state], [2, { app: 'y' }, 'running']);
  assert.notEqual(status.startTime, before);
  assert.equal(metadata.created, created, 'API-M03: created is set once');
});

test('another image is refused, then made anew with consent; protection refuses both', async () => {
  const text = manifest(
    'one',
    { cpus: 2, image: { oci: 'registry.test/image:2' }, restartPolicy: { name: 'always' } },
    { labels: { app: 'y' } },
  );
  const refused = await world.ignite(['apply', '-f', '-'], text);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /stdin:1: spec\.image\.oci of one can only change in a new VM/);
  assert.equal((await world.ignite(['protect', 'one'])).code, 0);
  const guarded = await world.ignite(['apply', '--allow-recreate', '-f', '-'], text);
  assert.match(guarded.stderr, /one is protected/);
  assert.match((await world.ignite(['rm', '-f', 'one'])).stderr, /one is protected/);
  assert.equal((await world.ignite(['unprotect', 'one'])).code, 0);
  const { uid } = world.house.vms.inspect('one').metadata;
  assert.equal(
    (await world.ignite(['apply', '--allow-recreate', '-f', '-'], text)).stdout,
    'one recreated\n',
  );
  assert.equal(world.house.vms.inspect('one').metadata.uid, uid);
});

test('a folder of several documents; prune removes what was applied, fits, and is declared no more', async () => {
  const folder = join(world.folder, 'vms');
  await mkdir(join(folder, 'more'), { recursive: true });
  const labels = { labels: { set: 's' } };
  await writeFile(
    join(folder, 'a.yaml'),
    `${manifest('s1', { running: false }, labels)}\n---\n${manifest('s2', { running: false }, labels)}\n`,
  );
  await writeFile(join(folder, 'more/b.json'), manifest('s3', { running: false }, labels));
  await writeFile(join(folder, '.hidden.yaml'), 'nonsense');
  assert.equal((await world.ignite(['apply', '-f', 'vms'])).stdout, 's1 created\ns2 created\ns3 created\n');
  await writeFile(join(folder, 'a.yaml'), manifest('s1', { running: false }, labels));
  assert.match((await world.ignite(['apply', '-f', 'vms', '--prune'])).stderr, /--prune needs -l/);
  const pruned = await world.ignite(['apply', '-f', 'vms', '--prune', '-l', 'set=s']);
  assert.equal(pruned.stdout, 's1 unchanged\ns3 unchanged\ns2 removed\n');
  assert.equal(state('one'), 'running');
});

test('API-E04: faults are told with file, line and column, all of them, and nothing is done', async () => {
  const folder = join(world.folder, 'bad');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'a.yaml'),
    'apiVersion: ignite.vm/v1beta1\nkind: VM\nmetadata: {name: bad}\nspec:\n  cpu: 2\n',
  );
  await writeFile(join(folder, 'b.yaml'), 'kind: [');
  const { code, stderr } = await world.ignite(['apply', '-f', 'bad']);
  assert.equal(code, 1);
  assert.match(stderr, /a\.yaml/);
  assert.match(stderr, /5:3.*spec\.cpu|spec\.cpu.*5:3|line 5, column 3/);
  assert.match(stderr, /b\.yaml/);
});

test('get prints manifests that apply takes again, in any version', async () => {
  const own = await world.ignite(['get', 'vm', 's1', '--manifest']);
  assert.match(own.stdout, /^apiVersion: ignite\.vm\/v1beta1$/m);
  assert.doesNotMatch(own.stdout, /^status:/m);
  assert.equal((await world.ignite(['apply', '-f', '-'], own.stdout)).stdout, 's1 unchanged\n');
  const old = await world.ignite(['inspect', 'vm', 's1', '-o', 'yaml', '--api-version', 'v1alpha3']);
  assert.match(old.stdout, /^apiVersion: ignite\.weave\.works\/v1alpha3$/m);
  assert.equal((await world.ignite(['get', '-l', 'set=s', '-o', 'name'])).stdout, 's1\ns3\n');
});

test('BUG-01: create --config with the UID of another VM is refused, and that VM stays as it is', async () => {
  const uid = '0123456789abcdef';
  await writeFile(join(world.folder, 'own.yaml'), manifest('own', {}, { uid }));
  await writeFile(join(world.folder, 'twin.yaml'), manifest('twin', {}, { uid }));
  assert.equal((await world.ignite(['create', '--config', 'own.yaml'])).stdout, `${uid}\n`);
  const before = world.house.vms.inspect(uid);
  const disk = join(world.folder, 'state/vms', uid, 'disk0.raw');
  await writeFile(disk, 'its own');
  for (const verb of ['create', 'run']) {
    const { code, stderr } = await world.ignite([verb, '--config', 'twin.yaml']);
    assert.notEqual(code, 0);
    assert.match(stderr, new RegExp(`The UID ${uid} belongs to the VM own`));
  }
  assert.deepEqual(world.house.vms.inspect(uid), before);
  assert.equal(await readFile(disk, 'utf8'), 'its own');
  assert.equal((await world.ignite(['rm', 'own'])).code, 0);
});

test('BUG-02: delete -f resolves the stored object, and a name without a UID removes that VM alone', async () => {
  const uid = world.house.vms.inspect('s1').metadata.uid;
  const deleted = await world.ignite(['delete', '-f', '-'], manifest('s1'));
  assert.equal(deleted.stdout, `${uid}\n`);
  assert.equal(state('one'), 'running');
  const again = await world.ignite(['delete', '-f', '-'], manifest('s1'));
  assert.deepEqual([again.code, again.stdout], [0, '']);
  const nameless = await world.ignite(
    ['delete', '-f', '-'],
    '{"apiVersion": "ignite.vm/v1beta1", "kind": "VM"}',
  );
  assert.equal(nameless.code, 1);
  assert.equal(world.house.vms.list().length, 2);
});

test('API-X04, API-X05, BUG-07, BUG-28: a v1alpha2 manifest is applied; without status.running it is stopped', async () => {
  const old = {
    apiVersion: 'ignite.weave.works/v1alpha2',
    kind: 'VM',
    metadata: { name: 'old', uid: 'abcdefgh01234567' },
    spec: { image: { oci: 'registry.test/image:1' }, kernel: { cmdLine: 'ready=app serve' }, ssh: false },
  };
  assert.equal((await world.ignite(['apply', '-f', '-'], JSON.stringify(old))).stdout, 'old created\n');
  const vm = world.house.vms.inspect('abcdefgh01234567');
  assert.deepEqual([vm.status.state, vm.spec.running, vm.spec.ssh ?? false], ['created', false, false]);
  // A record without a runtime block made the original panic at these two.
  for (const verb of ['start', 'stop']) assert.equal((await world.ignite([verb, 'old'])).code, 0, verb);
});

test('API-N08: the prefix of an id is the manifest’s, the flag’s, or that of the original', async () => {
  const own = {
    apiVersion: 'ignite.weave.works/v1alpha4',
    kind: 'VM',
    metadata: { name: 'mine', uid: 'abcdefgh01234568' },
    spec: { image: { oci: 'registry.test/image:1' }, kernel: { cmdLine: 'ready=app serve' } },
    status: { idPrefix: 'acme' },
  };
  await world.ignite(['apply', '-f', '-'], JSON.stringify(own));
  await world.ignite(['create', '--id-prefix', 'corp', '--name', 'flagged', 'registry.test/image:1']);
  const template = '{{.PrefixedID}}';
  const shown = async (name: string) =>
    (await world.ignite(['inspect', 'vm', name, '-t', template])).stdout.trim();
  assert.equal(await shown('mine'), 'acme-abcdefgh01234568');
  assert.equal(await shown('flagged'), `corp-${world.house.vms.inspect('flagged').metadata.uid}`);
  assert.equal(await shown('old'), 'ignite-abcdefgh01234567');
});

test('files that are copied count by their content, links and modes, not by their paths alone', async () => {
  await mkdir(join(world.folder, 'tree/in'), { recursive: true });
  const file = join(world.folder, 'tree/in/a');
  await writeFile(file, 'one');
  await symlink('a', join(world.folder, 'tree/in/link'));
  const copyFiles = [{ hostPath: join(world.folder, 'tree'), vmPath: '/srv' }];
  const text = manifest('filed', { running: false, copyFiles });
  const differs = async () => {
    const { code, stdout } = await world.ignite(['diff', '-f', '-'], text);
    return [code, /^ {2}spec\.copyFiles: "sha256:\w+" -> "sha256:\w+" {2}\[recreate\]$/m.test(stdout)];
  };
  assert.equal((await world.ignite(['apply', '-f', '-'], text)).stdout, 'filed created\n');
  await utimes(file, 1, 1);
  assert.deepEqual(await differs(), [0, false], 'times mean nothing');
  await writeFile(file, 'two');
  assert.deepEqual(await differs(), [2, true], 'content');
  const refused = await world.ignite(['apply', '-f', '-'], text);
  assert.match(refused.stderr, /spec\.copyFiles of filed can only change in a new VM/);
  const made = await world.ignite(['apply', '--allow-recreate', '-f', '-'], text);
  assert.deepEqual([made.stdout, await differs()], ['filed recreated\n', [0, false]]);
  await chmod(file, 0o700);
  assert.deepEqual(await differs(), [2, true], 'mode');
  await truncate(file, 20 << 20); // too large for the request: it is sent before it, or for a diff not at all
  assert.deepEqual(await differs(), [2, true], 'size');
  assert.equal((await world.ignite(['apply', '--allow-recreate', '-f', '-'], text)).code, 0);
  assert.deepEqual(await differs(), [0, false]);
  await rm(join(world.folder, 'tree/in/link'));
  assert.deepEqual(await differs(), [2, true], 'a link that is gone');
});

test('convert prints any version in any other, and tells what is lost', async () => {
  const text = manifest('c', { command: ['x'], memory: '1GB' });
  const { stdout, stderr } = await world.ignite(['convert', '-f', '-', '--api-version', 'v1alpha4'], text);
  assert.match(stdout, /apiVersion: ignite\.weave\.works\/v1alpha4/);
  assert.match(stdout, /memory: 1GB/);
  assert.match(stderr, /stdin:1: spec\.command has no field in v1alpha4/);
  const back = await world.ignite(['convert', '-f', '-', '-o', 'json'], stdout);
  assert.equal(JSON.parse(back.stdout).spec.running, true);
});

test('BUG-06, OUT-15: exec on a stopped VM is an error that says what to do', async () => {
  await world.ignite(['apply', '-f', '-'], manifest('still', { running: false }));
  const { code, stdout, stderr } = await world.ignite(['exec', 'still', 'true']);
  assert.deepEqual([code, stdout], [125, '']);
  assert.match(stderr, /still is not running[\s\S]*ignite start/);
});

test('RM-03, CLI-O05: rm --config removes the stored VM that the file names, not what the file says of it', async () => {
  await world.ignite(['apply', '-f', '-'], manifest('kept', { running: false }));
  await world.ignite(['apply', '-f', '-'], manifest('runs'));
  await writeFile(join(world.folder, 'rm.yaml'), manifest('runs', { running: false }));
  const refused = await world.ignite(['rm', '--config', 'rm.yaml']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /runs is running/);
  assert.equal(state('runs'), 'running');
  const before = world.house.vms.list().length;
  assert.equal((await world.ignite(['rm', '-f', '--config', 'rm.yaml'])).code, 0);
  assert.equal(world.house.vms.list().length, before - 1);
  assert.equal(state('kept'), 'created');
});

test('--dry-run of apply and delete changes nothing and says what would be', async () => {
  const before = world.house.vms.list().length;
  const made = await world.ignite(['apply', '--dry-run', '-f', '-'], manifest('dry'));
  assert.deepEqual([made.code, made.stdout], [0, 'dry created (dry run)\n']);
  const removed = await world.ignite(['delete', '--dry-run', '-f', '-'], manifest('kept'));
  assert.match(removed.stderr, /Would remove VM with name "kept"/);
  assert.equal(world.house.vms.list().length, before);
});

test('--prune leaves what is protected, and takes it once it is not', async () => {
  const labels = { labels: { set: 'p' } };
  const two = [manifest('p1', { running: false }, labels), manifest('p2', { running: false }, labels)];
  assert.equal((await world.ignite(['apply', '-f', '-'], two.join('\n---\n'))).code, 0);
  await world.ignite(['protect', 'p2']);
  const prune = ['apply', '-f', '-', '--prune', '-l', 'set=p'];
  const kept = await world.ignite(prune, two[0]);
  assert.match(kept.stdout, /^p2 unchanged \(protected/m);
  await world.ignite(['unprotect', 'p2']);
  assert.match((await world.ignite(prune, two[0])).stdout, /^p2 removed$/m);
});

test('a file of 100 MB is refused by its name before it is read', async () => {
  const path = join(world.folder, 'huge.yaml');
  await writeFile(path, '');
  await truncate(path, 100 << 20);
  const { code, stderr } = await world.ignite(['apply', '-f', 'huge.yaml']);
  assert.equal(code, 1);
  assert.match(stderr, /huge\.yaml is larger/);
});
