// Supervisors in containers of Debian's Docker and containerd, under systemd and control groups of version 2, with the VMM
// that is tested: it is held as elsewhere, survives the restart of whoever may be restarted, and nothing of it is left.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { until, vmmOf } from '../../contract/host.ts';
import { assertHeld, group, processOf } from './held.ts';
import { daemons, ignite, igniteOk, vmName } from './ignite.ts';

const vmm = process.env['LAB_VMM'] ?? 'qemu';
const PATIENCE = ['--timeout', '300'];
const FLAGS = ['--vmm', vmm, '--accel', 'kvm', ...PATIENCE, '--memory', '256M'];
const SLEEP = ['lab:1', 'sleep', '100000'];
const SANDBOX = 'local/sandbox:1';
/** Docker comes up slowly where all is emulated. */
const TIMEOUT_MS = 300_000;

const execute = promisify(execFile);
const host = async (...argv: readonly [string, ...string[]]) =>
  (await execute(argv[0], argv.slice(1), { timeout: TIMEOUT_MS })).stdout.trim();
const ctr = (...words: readonly string[]) => host('ctr', '-n', 'firecracker', ...words);
const look = async (name: string) => JSON.parse(await igniteOk(['inspect', 'vm', name]));
/** Of the guest: the same one as long as nobody has started it anew. */
const bootOf = (name: string) => igniteOk(['exec', name, 'cat', '/proc/sys/kernel/random/boot_id']);

async function pidOf(name: string): Promise<number> {
  const { bound } = await look(name);
  const pid = await vmmOf({ process: processOf(vmm), group }, bound.slot);
  assert.ok(pid !== undefined, `no VMM of ${name} was found`);
  return pid;
}

async function endDaemon(): Promise<void> {
  for (const pid of await daemons()) process.kill(pid, 'SIGKILL');
  await until('the daemon is gone', async () => (await daemons()).length === 0);
  // Emulated, a new one may take longer than a client waits for it.
  await until('a daemon answers', async () => (await ignite(['ps'])).code === 0);
}

/** An image of no use, known to Docker and to containerd. */
async function makeSandboxImage(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  try {
    await mkdir(join(folder, 'root'));
    await writeFile(join(folder, 'root', 'of-the-user'), '');
    await host('tar', '-C', join(folder, 'root'), '-cf', join(folder, 'root.tar'), '.');
    await host('docker', 'import', join(folder, 'root.tar'), SANDBOX);
    await host('docker', 'save', '-o', join(folder, 'image.tar'), SANDBOX);
    await ctr('images', 'import', join(folder, 'image.tar'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe(`${vmm} in containers`, () => {
  const [plain, bridged] = [vmName('contained'), vmName('bridged')];

  before(async () => {
    await mkdir('/etc/docker', { recursive: true });
    await writeFile('/etc/docker/daemon.json', '{"live-restore": true}');
    await host('systemctl', 'start', 'docker.service');
    await makeSandboxImage();
  });
  after(async () => {
    await ignite(['rm', '-f', plain, bridged]);
    await host('docker', 'rmi', SANDBOX);
    await host('systemctl', 'stop', 'docker.socket', 'docker.service', 'containerd.service');
  });

  test('docker: labels, the jail, limits; its restart, containerd’s and our daemon’s are not the end', async () => {
    await igniteOk([
      'run',
      '-d',
      '--name',
      plain,
      '--runtime',
      'docker',
      '--pids-limit',
      '300',
      ...FLAGS,
      ...SLEEP,
    ]);
    const { metadata, status } = await look(plain);
    const name = `ignite-${metadata.uid}`;
    assert.deepEqual(status.runtime, { id: name, name: 'docker' });
    const label = '{{index .Config.Labels "ignite.name"}} {{.Config.Image}} {{.HostConfig.NetworkMode}}';
    assert.match(
      await host('docker', 'inspect', '-f', label, name),
      new RegExp(`^${plain} ignite-spawn:\\w+ none$`),
    );
    const pid = await pidOf(plain);
    await assertHeld(pid);
    await igniteOk(['exec', plain, 'ping', '-c', '1', '-W', '60', (await look(plain)).bound.nics[0].gateway]);

    const boot = await bootOf(plain);
    await host('systemctl', 'restart', 'docker.service');
    await host('systemctl', 'restart', 'containerd.service');
    await endDaemon();
    assert.equal(await bootOf(plain), boot);
    assert.equal(await pidOf(plain), pid);
  });

  test('a stop removes the container; containerd is the runtime from the next start on', async () => {
    await igniteOk(['stop', '-t', '2', plain]); // the first process of a namespace does not hear SIGTERM by itself
    assert.equal(await host('docker', 'ps', '-aq'), '');
    await igniteOk(['start', plain, ...PATIENCE, '--runtime', 'containerd']);
    const { metadata } = await look(plain);
    const name = `ignite-${metadata.uid}`;
    assert.match(await ctr('tasks', 'list'), new RegExp(`^${name} +\\d+ +RUNNING`, 'm'));
    const { Labels: labels } = JSON.parse(await ctr('containers', 'info', name));
    assert.deepEqual([labels['ignite.name'], labels.IgniteStopTimeout], [plain, '30']);
    await assertHeld(await pidOf(plain));

    const boot = await bootOf(plain);
    await host('systemctl', 'restart', 'containerd.service');
    await endDaemon();
    assert.equal(await bootOf(plain), boot);
    await igniteOk(['rm', '-f', plain]);
    for (const list of ['tasks', 'containers', 'images'])
      assert.doesNotMatch(await ctr(list, 'list'), /ignite/);
  });

  test('on Docker’s bridge and in an image of the user’s; a killed VMM is told, and nothing is left', async () => {
    const place = ['--runtime', 'docker', '--network-plugin', 'docker-bridge', '--sandbox-image', SANDBOX];
    await igniteOk(['run', '-d', '--name', bridged, ...place, ...FLAGS, ...SLEEP]);
    const { metadata, status } = await look(bridged);
    assert.match(status.network.ipAddresses[0], /^172\.17\.0\.\d+$/);
    const image = await host('docker', 'inspect', '-f', '{{.Config.Image}}', `ignite-${metadata.uid}`);
    assert.match(image, /local\/sandbox:1$/);
    await igniteOk(['exec', bridged, 'ping', '-c', '1', '-W', '60', '172.17.0.1']);
    process.kill(await pidOf(bridged), 'SIGKILL');
    await until('it is told', async () => /VMM crashed/.test(await igniteOk(['ps', '-a'])));
    await until('its containers are gone', async () => (await host('docker', 'ps', '-aq')) === '');

    await igniteOk(['start', bridged, ...PATIENCE, '--runtime', 'containerd']);
    const info = JSON.parse(await ctr('containers', 'info', `ignite-${metadata.uid}`));
    assert.match(info.Image, /local\/sandbox:1$/);
    await igniteOk(['exec', bridged, 'ping', '-c', '1', '-W', '60', '172.17.0.1']);
    await igniteOk(['rm', '-f', bridged]);
    assert.equal(await host('docker', 'ps', '-aq'), '');
    assert.doesNotMatch(await ctr('containers', 'list'), /ignite/);
  });
});
