// GitOps with a real VM: push, running; edit, converged; delete, gone; pushes while nobody followed, right afterwards.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makePusher, type Pusher } from '../integration/gitops/repository.ts';
import { ignite, IGNITE, igniteOk, image, inspect, statusOf, vmName, waitFor } from './world/index.ts';

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

  async function follow(): Promise<void> {
    follower = spawn(IGNITE, ['gitops', `file://${repo.bare}`, '--interval', '1s'], { stdio: 'ignore' });
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

  test('delete: it is gone, and nothing else', async () => {
    await repo.push({ 'vm.yaml': null });
    await waitFor('the VM is gone', async () => (await ignite(['inspect', 'vm', name])).code !== 0);
    assert.equal((await inspect(other)).metadata.name, other);
  });
});
