// GitOps with a real VM: push, running; edit, converged; delete, gone; pushes while nobody followed, right afterwards.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text as wholeText } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { makePusher, type Pusher } from '../integration/gitops/repository.ts';
import { ignite, IGNITE, igniteOk, image, inspect, place, statusOf, vmName, waitFor } from './world/index.ts';

const IGNITED = join(dirname(IGNITE), 'ignited');

async function scrape(socketPath: string): Promise<string> {
  const [answer] = (await once(get({ socketPath, path: '/metrics' }), 'response')) as [IncomingMessage];
  return await wholeText(answer);
}

describe('a repository that declares a VM', () => {
  // Before the VMs are removed, which a source at work would not allow.
  after(async () => {
    await withdraw();
    await rm(folder, { recursive: true, force: true });
  });
  const name = vmName({ after }, 'git');
  const other = vmName({ after }, 'other');
  let folder: string;
  let repo: Pusher;
  let follower: ChildProcess | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ignite-gitops-'));
    repo = makePusher(folder);
    await repo.push({ 'other.yaml': manifest(other, 'running: false') });
    await follow();
  });

  function manifest(vm: string, more: string): string {
    return `apiVersion: ignite.vm/v1beta1
kind: VM
metadata: {name: ${vm}}
spec:
  image: {oci: "${image('busybox')}"}
  command: [sh, -c, "trap 'exit 0' TERM; sleep 100000 & wait"]
  network: {mode: none}
  stopTimeout: 60
  ${more}
`;
  }

  async function follow(...flags: readonly string[]): Promise<void> {
    const words = ['gitops', `file://${repo.bare}`, '--interval', '1s', ...flags];
    follower = spawn(IGNITE, words, { stdio: 'ignore' });
    await waitFor('the repository is followed', async () =>
      (await ignite(['gitops', 'status'])).stdout.includes(repo.bare),
    );
  }

  /** The command ends, and with it the source; VMs stay. */
  async function withdraw(): Promise<void> {
    follower?.kill('SIGTERM');
    follower = undefined;
    await waitFor(
      'it is followed no more',
      async () => !(await ignite(['gitops', 'status'])).stdout.includes(repo.bare),
    );
  }

  test('push: it runs', async () => {
    await repo.push({ 'vm.yaml': manifest(name, 'cpus: 1') });
    await waitFor('the VM runs', async () => (await statusOf(name))?.startsWith('Up ') === true);
    assert.equal(await igniteOk(['exec', name, 'echo', 'here']), 'here');
    assert.equal((await inspect(name)).status.manager, `git:file://${repo.bare}`);
  });

  test('edit: it is as declared, and the guest has it', async () => {
    await repo.push({ 'vm.yaml': manifest(name, 'cpus: 2') });
    await waitFor('the change is there', async () => {
      const vm = await inspect(name);
      return vm.spec.cpus === 2 && vm.status.state === 'running' && vm.status.pending === undefined;
    });
    assert.equal(await igniteOk(['exec', name, 'grep', '-c', '^processor', '/proc/cpuinfo']), '2');
  });

  test('three pushes while nobody followed: right afterwards', async () => {
    await withdraw();
    assert.match((await statusOf(name)) ?? '', /^Up /);
    await repo.push({ 'vm.yaml': manifest(name, 'cpus: 1') });
    await repo.push({ 'vm.yaml': manifest(name, 'cpus: 2') });
    await repo.push({ 'other.yaml': manifest(other, 'running: false\n  restartPolicy: {name: always}') });
    await follow();
    await waitFor(
      'the last push is applied',
      async () => (await inspect(other)).spec.restartPolicy.name === 'always',
    );
    assert.match((await statusOf(name)) ?? '', /^Up /);
  });

  test('CLI rule 22, IGD-04, BUG-21: `ignited daemon` beside a daemon hands its folder over, and withdraws it; VMs stay', async () => {
    const manifests = join(folder, 'manifests');
    const local = vmName({ after }, 'local');
    await mkdir(manifests);
    const path = join(manifests, 'vm.yaml');
    await writeFile(path, manifest(local, 'running: false'));
    const words = ['daemon', '--manifests', manifests, '--id-prefix', 'team'];
    const beside = spawn(IGNITED, words, { stdio: 'ignore' });
    const ended = once(beside, 'exit');
    const found = async () => (await ignite(['inspect', 'vm', local])).code === 0;
    await waitFor('the folder’s VM is there', found);
    const { manager, idPrefix } = (await inspect(local)).status;
    assert.deepEqual([manager, idPrefix], [`folder:${manifests}`, 'team']);
    // As editors save: a new file takes the place of the old one.
    await writeFile(join(manifests, '.vm.yaml.new'), manifest(local, 'running: false\n  cpus: 3'));
    await rename(join(manifests, '.vm.yaml.new'), path);
    await waitFor('the edit is there', async () => (await inspect(local)).spec.cpus === 3);
    beside.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    const followed = async () => (await ignite(['gitops', 'status'])).stdout.includes(manifests);
    await waitFor('the folder is followed no more', async () => !(await followed()));
    assert.equal(await found(), true);
  });

  test('a running VM has a metrics socket of its own (MET-02), which takes no other VM in', async () => {
    const { uid } = (await inspect(name)).metadata;
    const socketPath = join(place().state, 'vms', uid, 'prometheus.sock');
    // A scrape goes without what is not measured soon.
    const text = await waitFor('the socket is there and answers with what was measured', async () => {
      const answer = await scrape(socketPath).catch(() => '');
      return /^process_resident_memory_bytes \d+$/m.test(answer) && answer;
    });
    assert.match(text, new RegExp(`^ignite_vm_up\\{uid="${uid}",name="${name}"\\} 1$`, 'm'));
    assert.doesNotMatch(text, new RegExp(other));
  });

  test('write-back: a stop by hand is a commit, and the VM stays as the manifest says then', async () => {
    await withdraw();
    await follow('--write-back', 'main');
    await igniteOk(['stop', name]);
    const said = () => repo.git('--git-dir', repo.bare, 'show', 'main:vm.yaml');
    await waitFor('the stop is in the manifest', () => /^ {2}running: false$/m.test(said()));
    await waitFor('nothing holds the VM', async () => (await inspect(name)).status.override === undefined);
    repo.git('pull', '--quiet', '--rebase', 'origin', 'main');
    await repo.push({ 'vm.yaml': said().replace('running: false', 'running: true') });
    await waitFor('the VM runs', async () => (await statusOf(name))?.startsWith('Up ') === true);
    await withdraw();
    await follow();
  });

  test('delete: it is gone, and nothing else', async () => {
    await repo.push({ 'vm.yaml': null });
    await waitFor('the VM is gone', async () => (await ignite(['inspect', 'vm', name])).code !== 0);
    assert.equal((await inspect(other)).metadata.name, other);
  });
});
