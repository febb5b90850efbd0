// Real VMs whose supervisor runs in a container of Docker's or containerd's: they are VMs like others, whoever ends or restarts what.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Dockerd, startDockerd } from '../containers/index.ts';
import {
  findProcesses,
  type Hooks,
  igniteOk,
  inspect,
  isDaemon,
  killNow,
  place,
  runProgram,
  runSleeper,
  statusOf,
  vmName,
  waitFor,
} from './world/index.ts';

/** A namespace in which Docker may make its bridge. */
async function makeNamespace(hooks: Hooks): Promise<string> {
  const netns = `igt-${randomBytes(4).toString('hex')}-docker`;
  assert.equal((await runProgram(['ip', 'netns', 'add', netns])).code, 0);
  hooks.after(async () => void (await runProgram(['ip', 'netns', 'del', netns])));
  await runProgram(['ip', '-n', netns, 'link', 'set', 'lo', 'up']);
  return netns;
}

interface Container {
  readonly Name: string;
  readonly State: { readonly Running: boolean };
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: { readonly NetworkMode: string };
}

async function containers(dockerd: Dockerd): Promise<readonly Container[]> {
  const ids = (await dockerd.docker('ps', '-aq')).split('\n').filter((id) => id !== '');
  return ids.length === 0 ? [] : (JSON.parse(await dockerd.docker('inspect', ...ids)) as Container[]);
}

async function endDaemon(): Promise<void> {
  for (const { pid, line } of await findProcesses(place().root)) if (isDaemon(line)) killNow(pid);
  await waitFor('the daemon has ended', async () =>
    (await findProcesses(place().root)).every(({ line }) => !isDaemon(line)),
  );
}

/** Of the guest: the same one as long as nobody has started it anew. */
async function bootOf(vm: string): Promise<string> {
  return (await igniteOk(['exec', vm, 'cat', '/proc/sys/kernel/random/boot_id'])).trim();
}

test('API-L02, API-L03, API-N08, GIT-57, PS-04, STP-02, STP-03: a VM in a container lives and ends as others do, and nothing of it is left there', async (t) => {
  await using dockerd = await startDockerd({ netns: await makeNamespace(t), liveRestore: true });
  const sockets = ['docker.sock', 'containerd.sock'].map((name) => join(place().root, name));
  const targets = [dockerd.host.slice('unix://'.length), dockerd.containerd.address];
  for (const [index, socket] of sockets.entries()) await symlink(targets[index] ?? '', socket);
  const ctr = (...words: readonly string[]) => dockerd.containerd.ctr('-n', 'firecracker', ...words);
  try {
    const vm = vmName(t, 'contained');
    const words = ['--runtime', 'docker', '--network-plugin', 'docker-bridge', '--id-prefix', 'team'];
    await runSleeper(vm, [...words, '--label', 'a=b']);
    const { metadata, status } = await inspect(vm);
    const name = `team-${metadata.uid}`;
    assert.deepEqual(status.runtime, { id: name, name: 'docker' });
    assert.match(status.network?.ipAddresses[0] ?? '', /^172\.17\.0\.\d+$/);
    const found = await containers(dockerd);
    const own = found.find((one) => one.Name === `/${name}`);
    assert.equal(own?.Config.Labels['ignite.name'], vm);
    assert.match(own.Config.Image, /^ignite-spawn:/);
    assert.match(own.HostConfig.NetworkMode, /^container:/);

    // Neither the daemon's end nor Docker's is the VM's.
    const before = await bootOf(vm);
    await endDaemon();
    assert.equal(await bootOf(vm), before);
    await dockerd.restart();
    assert.equal(await bootOf(vm), before);
    assert.match((await statusOf(vm)) ?? '', /^Up/);

    // Nor does a runtime that is away hide it.
    const [docker = '', target = ''] = [sockets[0], targets[0]];
    await unlink(docker);
    const meanwhile = await statusOf(vm);
    await symlink(target, docker);
    assert.match(meanwhile ?? '', /^Up/);

    await igniteOk(['stop', vm]);
    assert.deepEqual(await containers(dockerd), []);
    assert.equal((await inspect(vm)).status.runtime.id, '');

    // Somebody else's removal is the end of the VM.
    await igniteOk(['start', vm]);
    await dockerd.docker('rm', '-f', name);
    await waitFor('the end is told', async () => /supervisor lost/.test((await statusOf(vm)) ?? ''));

    // KubeFire's words: another runtime from this start on.
    await igniteOk(['start', vm, '--runtime', 'containerd', '--network-plugin', 'docker-bridge']);
    assert.deepEqual((await inspect(vm)).status.runtime, { id: name, name: 'containerd' });
    assert.match(await ctr('tasks', 'list'), new RegExp(`^${name} +\\d+ +RUNNING`, 'm'));
    const { Labels: labels } = JSON.parse(await ctr('containers', 'info', name));
    assert.deepEqual([labels['ignite.name'], labels.IgniteStopTimeout], [vm, '30']);
    assert.equal(await igniteOk(['exec', vm, 'echo', 'hello']), 'hello');
    await igniteOk(['rm', '-f', vm]);
    const lists = ['tasks', 'containers', 'images', 'snapshots --snapshotter native'];
    const left = await Promise.all(lists.map((list) => ctr(...list.split(' '), 'list')));
    assert.doesNotMatch(left.join(''), /ignite|team/);
    assert.deepEqual(await containers(dockerd), []);
    assert.equal((await dockerd.docker('images', '-q')).trim(), '');
  } finally {
    for (const socket of sockets) await unlink(socket);
  }
});
