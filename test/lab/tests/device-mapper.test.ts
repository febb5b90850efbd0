// Disks by device-mapper, as the host's Configuration asks for them: the device is there while the VM runs, what the guest
// wrote stays, and nothing is left by a stop, a crash, or a VM that is gone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { until, vmmOf } from '../../contract/host.ts';
import { processOf } from './held.ts';
import { daemons, ignite, igniteOk, vmName } from './ignite.ts';

const CONFIGURATION = '/etc/ignite/config.yaml';
const SETTINGS =
  'apiVersion: ignite.vm/v1beta1\nkind: Configuration\nmetadata: {name: lab}\nspec: {deviceMapper: true}\n';
const vmm = process.env['LAB_VMM'] ?? 'qemu';
const COMM = processOf(vmm);
const FLAGS = ['--vmm', vmm, '--accel', 'kvm', '--timeout', '300', '--memory', '256M'];

const run = (...argv: readonly [string, ...string[]]) =>
  execFileSync(argv[0], argv.slice(1), { encoding: 'utf8', timeout: 120_000 });
/** Every device of device-mapper that is Ignite's. */
const devices = (): readonly string[] => run('dmsetup', 'ls').match(/^ignite-\S+/gm) ?? [];
const loops = () => run('losetup', '--list', '--noheadings', '--output', 'NAME').trim();

describe(`disks by device-mapper under ${vmm}`, () => {
  const name = vmName('mapped');
  const inside = (script: string) => igniteOk(['exec', name, 'sh', '-c', script]);
  const look = async () => JSON.parse(await igniteOk(['inspect', 'vm', name]));

  before(async () => {
    await mkdir('/etc/ignite', { recursive: true });
    await writeFile(CONFIGURATION, SETTINGS);
    await igniteOk(['system', 'stop']);
    await igniteOk(['run', '-d', '--name', name, ...FLAGS, 'lab:1', 'sleep', '100000']);
  });
  after(async () => {
    await ignite(['rm', '-f', name]);
    await rm(CONFIGURATION);
    await ignite(['system', 'stop']);
  });

  test('the guest writes to a snapshot, whose fill is shown', async () => {
    const { bound, metadata } = await look();
    assert.equal(bound.disk.means, 'device-mapper');
    assert.deepEqual(
      devices()
        .map((device) => device.replace(/^ignite-[^-]+-/, ''))
        .toSorted(),
      [metadata.uid, `${metadata.uid}-base`],
    );
    await inside('dd if=/dev/zero of=/root/kept bs=64k count=64 2>&1; sync');
    await until('its fill is shown', async () => (await look()).status.snapshot?.used > 4 << 20);
    const { status } = await look();
    assert.ok(status.snapshot.total > bound.disk.bytes && !status.snapshot.broken);
  });

  test('a stop removes the device, a start brings back what was written, larger if so wished', async () => {
    await igniteOk(['stop', '-t', '120', name]);
    assert.deepEqual([devices(), loops()], [[], '']);
    const { bound } = await look();
    await igniteOk(['update', name, '--disk', `${bound.disk.bytes / 2 ** 20 + 1024}MB`]);
    await igniteOk(['start', '--timeout', '300', name]);
    assert.equal(await inside('wc -c < /root/kept'), `${4 << 20}`);
    assert.equal((await look()).bound.disk.bytes, bound.disk.bytes + 2 ** 30);
  });

  test('a daemon and a VMM that are killed leave nothing', async () => {
    const { bound } = await look();
    const { instance } = JSON.parse(await readFile('/var/lib/ignite/format.json', 'utf8'));
    const pid = await vmmOf({ process: COMM, group: async () => `ignite-${instance}` }, bound.slot);
    assert.ok(pid !== undefined, 'no VMM was found');
    for (const daemon of await daemons()) process.kill(daemon, 'SIGKILL');
    await until('the daemon is gone', async () => (await daemons()).length === 0);
    process.kill(pid, 'SIGKILL');
    // Starts the daemon, which finds the end; emulated, it may take longer than a client waits for it.
    await until('a daemon answers', async () => (await ignite(['ps'])).code === 0);
    await until('the device is gone', async () => devices().length === 0 && loops() === '');
    await igniteOk(['start', '--timeout', '300', name]);
    await inside('test -f /root/kept');
  });

  test('gc removes the device of a VM that is not there; rm leaves nothing', async () => {
    const { instance } = JSON.parse(await readFile('/var/lib/ignite/format.json', 'utf8'));
    const stray = `ignite-${instance}-0123456789abcdef`;
    const made = ['below', 'above'].map((word) => {
      run('truncate', '-s', '1M', `/tmp/${word}`);
      return run('losetup', '--find', '--show', `/tmp/${word}`).trim();
    });
    run('dmsetup', 'create', stray, '--table', `0 2048 snapshot ${made.join(' ')} P 8`);
    run('losetup', '--detach', ...made);
    await igniteOk(['gc']);
    assert.ok(!devices().includes(stray), devices().join());
    await igniteOk(['rm', '-f', name]);
    assert.deepEqual([devices(), loops()], [[], '']);
  });
});
