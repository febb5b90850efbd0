// The Cloud Hypervisor driver against the stand-in: the words it is started with, what it calls, and how it takes answers
// that are late, wrong or missing. No KVM, no root.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { createCloudHypervisorDriver, type LaunchRequest } from '../../../engine/src/vmm/index.ts';
import { launchRequest } from '../../fixtures/launch-request.ts';
import { serveCloudHypervisor, type StandInCloudHypervisor } from '../../stand-in/cloud-hypervisor/api.ts';
import { configFaults } from '../../stand-in/cloud-hypervisor/config.ts';
import { readWords } from '../../stand-in/cloud-hypervisor/words.ts';

const soon = () => AbortSignal.timeout(180_000);
const verdicts = { load: async () => ({ trusted: true }), save: async () => {} };

function driverAt(path: string, isRoot = true) {
  const find = async () => undefined;
  const landlock = async () => true;
  const input = { commands: hostCommands(), verdicts, architecture: 'x86_64', find, landlock };
  return createCloudHypervisorDriver({ ...input, path, isRoot });
}

const driver = driverAt('/nowhere/cloud-hypervisor');

const request = launchRequest({
  cmdLine: ' quiet  foo=1,2 ',
  drives: [
    { index: 0, path: '/v/disk,0.raw', format: 'raw', readOnly: false },
    { index: 1, path: '/k/modules.ext4', format: 'raw', readOnly: true },
    { index: 2, path: '/dev/sdb', format: 'raw', readOnly: false, device: true },
  ],
  nics: [
    { kind: 'tap', tap: 'tap3', mac: '02:00:00:00:00:01', mtu: 1500 },
    { kind: 'tap', tap: 'tap3.1', mac: '02:00:00:00:00:02', mtu: 9000, netns: '/run/netns/other' },
  ],
  diskLimits: { iops: 100, bytesPerSecond: 1 << 20 },
});

function plan(version: string, changed: Partial<LaunchRequest> = {}, landlock = true) {
  const binary = '/opt/cloud-hypervisor';
  const program = { binary, version, runtime: [{ source: binary, target: binary }], landlock };
  return driver.plan(program, { ...request, ...changed });
}

for (const [version, major] of [
  ['51.1', 51],
  ['52.0', 52],
  ['53.0', 53],
] as const)
  test(`Cloud Hypervisor ${version} would create what the words say`, () => {
    const { config } = readWords(plan(version).argv.slice(1));
    assert.deepEqual(configFaults(config, major), []);
  });

test('the words say what was asked', () => {
  const { config, apiSocket, seccomp } = readWords(plan('53.0').argv.slice(1));
  assert.equal(apiSocket, '/run/api.sock');
  assert.equal(seccomp, 'true');
  const limiter = {
    bandwidth: { size: 1 << 20, refill_time: 1000 },
    ops: { size: 100, refill_time: 1000 },
  };
  const { payload, ...rest } = config;
  assert.match(JSON.stringify(payload), /"cmdline":"console=ttyS0 .* quiet foo=1,2"/);
  const disk = { image_type: 'Raw', rate_limit_group: 'disks' };
  assert.deepEqual(rest, {
    landlock_enable: true,
    landlock_rules: [{ path: '/run', access: 'rw' }],
    cpus: { boot_vcpus: 2, max_vcpus: 2 },
    memory: { size: 512 << 20 },
    platform: { system_uuid: request.uuid },
    serial: { mode: 'Tty' },
    console: { mode: 'Off' },
    rng: { src: '/dev/urandom' },
    balloon: { size: 0, deflate_on_oom: true, free_page_reporting: true },
    vsock: { cid: 3, socket: '/run/guest.sock' },
    rate_limit_groups: [{ id: 'disks', rate_limiter_config: limiter }],
    disks: [
      { path: '/disks/0', readonly: false, serial: 'ign0', id: 'drive0', ...disk },
      { path: '/disks/1', readonly: true, serial: 'ign1', id: 'drive1', ...disk },
      { path: '/disks/2', readonly: false, serial: 'ign2', id: 'drive2', ...disk },
    ],
    net: [
      { fds: [3], mac: '02:00:00:00:00:01', id: 'eth0' },
      { fds: [4], mac: '02:00:00:00:00:02', id: 'eth1' },
    ],
  });
});

test('without caps and NICs there are no groups; without Landlock on the host it is not asked for', () => {
  const { diskLimits: _, ...free } = request;
  const program = { binary: '/b', version: '51.0', runtime: [] };
  const { config } = readWords(driver.plan(program, { ...free, nics: [] }).argv.slice(1));
  assert.deepEqual(configFaults(config, 51), []);
  assert.equal(config['rate_limit_groups'], undefined);
  assert.equal(config['landlock_enable'], undefined);
  assert.deepEqual(config['platform'], { uuid: request.uuid });
});

test('the stand-in refuses what Cloud Hypervisor refuses', () => {
  const read = (...words: string[]) =>
    configFaults(readWords(['--kernel', '/k', ...words]).config, 53).join();
  assert.equal(read(), '');
  assert.throws(() => readWords(['--disk', 'path=/a,size=3']), /Unknown option: size/);
  assert.throws(() => readWords(['--net', 'fd=[3']), /Invalid syntax/);
  assert.throws(() => readWords(['--disks', 'path=/a']), /unexpected argument/);
  assert.throws(() => readWords(['--cpus', 'boot=1', '--cpus', 'boot=2']), /multiple times/);
  assert.match(read('--cpus', 'boot=0'), /1 to 254/);
  assert.match(read('--cpus', 'boot=4,max=2'), /Max CPUs/);
  assert.match(read('--net', 'fd=2,mac=02:00:00:00:00:01'), /fds/);
  assert.match(read('--net', 'fd=[3,4]'), /queues/);
  assert.match(read('--vsock', 'cid=2,socket=/s'), /cid/);
  assert.match(read('--disk', `path=/a,serial=${'x'.repeat(21)}`), /serial/);
  assert.match(read('--disk', 'path=/a,rate_limit_group=none'), /rate-limit group/);
  assert.match(read('--disk', 'path=/a,id=d', '--disk', 'path=/b,id=d'), /not unique/);
  assert.match(configFaults(readWords(['--memory', 'size=1']).config, 53).join(), /payload/);
  const uuid = ['--platform', `system_uuid=${request.uuid}`];
  assert.match(configFaults(readWords(['--kernel', '/k', ...uuid]).config, 52).join(), /system_uuid/);
});

test('the jail holds the program and this VM’s files at stable names, NICs and console come as descriptors', () => {
  const { argv, jail, descriptors } = plan('53.0');
  assert.equal(argv[0], '/opt/cloud-hypervisor');
  assert.deepEqual(
    jail?.binds.map(({ target, writable }) => `${target}${writable ? ' rw' : ''}`),
    ['/opt/cloud-hypervisor', '/kernel', '/initrd', '/disks/0 rw', '/disks/1', '/disks/2 rw'],
  );
  assert.deepEqual(jail?.devices, ['/dev/null', '/dev/urandom', '/dev/kvm']);
  assert.deepEqual(jail.doors, {
    facts: '/run/guest.sock_1024',
    link: '/run/guest.sock_1025',
    vmm: '/run/api.sock',
  });
  assert.deepEqual(descriptors, [
    { fd: 0, kind: 'terminal' },
    { fd: 3, kind: 'tap', tap: 'tap3' },
    { fd: 4, kind: 'tap', tap: 'tap3.1', netns: '/run/netns/other' },
  ]);
});

test('without root there is no jail, and so no plan', () => {
  const { jail: _, ...free } = request;
  const program = { binary: '/opt/cloud-hypervisor', version: '53.0', runtime: [] };
  assert.throws(
    () => driver.plan(program, free),
    (error) => isIgniteError(error, 'vmm/lacks-capability'),
  );
});

function machine(version = 53, state: StandInCloudHypervisor['state'] = 'Running'): StandInCloudHypervisor {
  return { version, calls: [], state, disks: ['drive0', 'drive1'] };
}

async function connected(served: StandInCloudHypervisor) {
  const [ours, theirs] = duplexPair();
  serveCloudHypervisor(served, theirs);
  return driver.control(ours, soon());
}

test('pause, resume, state, power button, a grown drive and counters are calls that it takes', async () => {
  const served = machine();
  await using control = await connected(served);
  assert.deepEqual(await control.state(soon()), { paused: false });
  await control.pause(soon());
  assert.deepEqual(await control.state(soon()), { paused: true });
  await control.resume(soon());
  await control.powerButton(soon());
  await control.resizeDrive(1, 1 << 30, soon());
  assert.deepEqual(await control.diskUse?.(soon()), { read: 200, written: 20 });
  assert.deepEqual(served.calls, [
    'GET vmm.ping',
    'GET vm.info',
    'PUT vm.pause',
    'GET vm.info',
    'PUT vm.resume',
    'PUT vm.power-button',
    'PUT vm.resize-disk {"id":"drive1","desired_size":1073741824}',
    'GET vm.counters',
  ]);
});

for (const version of [51, 53])
  test(`${version}: a VM that is not created yet is not paused, and a call for it is refused by name`, async () => {
    await using control = await connected(machine(version, 'absent'));
    assert.deepEqual(await control.state(soon()), { paused: false });
    await assert.rejects(
      control.pause(soon()),
      (error) => isIgniteError(error, 'vmm/control-failed') && /vm\.pause.*not running/.test(error.message),
    );
  });

test('a refusal carries its words; the connection goes on', async () => {
  const served = machine();
  await using control = await connected(served);
  await assert.rejects(
    control.resizeDrive(7, 1 << 30, soon()),
    (error) => isIgniteError(error, 'vmm/control-failed') && /Unknown device: drive7/.test(error.message),
  );
  await assert.rejects(control.resume(soon()), /Invalid VM state/);
  assert.deepEqual(await control.state(soon()), { paused: false });
});

test('an answer that is late ends with the caller’s deadline, one that is none is told as lost', async () => {
  const silent = duplexPair();
  silent[1].resume();
  await assert.rejects(driver.control(silent[0], AbortSignal.timeout(20)), { name: 'TimeoutError' });
  for (const words of ['220 ready\r\n\r\n', 'HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n{"}']) {
    const [ours, theirs] = duplexPair();
    theirs.resume();
    const opening = driver.control(ours, soon());
    theirs.write(words);
    await assert.rejects(opening, (error) => isIgniteError(error, 'vmm/control-lost'));
  }
  const [ours, theirs] = duplexPair();
  const opening = driver.control(ours, soon());
  theirs.destroy();
  ours.destroy();
  await assert.rejects(opening, (error) => isIgniteError(error, 'vmm/control-lost'));
});

async function program(content: string): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-ch-'));
  const path = join(folder, 'cloud-hypervisor');
  if (content !== '') await writeFile(path, content);
  if (content !== '') await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const says = (words: string) => `#!/bin/sh\necho '${words}'\n`;

for (const [what, content, reason] of [
  ['missing', '', /cannot be executed: it is not there/],
  ['too old', says('cloud-hypervisor v50.0'), /is Cloud Hypervisor 50\.0; 51 or newer/],
  ['another program', says('hello'), /did not say its version/],
  ['failing', '#!/bin/sh\nexit 1\n', /did not say its version/],
  ['for another machine', '\x7fELF\x02\x01\x01', /for this machine/],
] as const)
  test(`a Cloud Hypervisor that is ${what} is told in one sentence`, async () => {
    await using made = await program(content);
    const found = await driverAt(made.path).probe({ vmlinux: '/k' }, soon());
    assert.equal(found.usable, false);
    assert.match(found.reason ?? '', reason);
  });

test('one that may not be executed is told, and so is an ordinary user', async () => {
  await using made = await program(says('cloud-hypervisor v53.0'));
  await chmod(made.path, 0o644);
  assert.match((await driverAt(made.path).probe({}, soon())).reason ?? '', /executable/);
  assert.match((await driverAt(made.path, false).probe({}, soon())).reason ?? '', /needs root/);
});

for (const said of [
  'cloud-hypervisor v53.0',
  'cloud-hypervisor v53.0-12-gae44c29\nMigration Protocol Versions: 1',
])
  test(`one that says "${said.split('\n')[0] ?? ''}" is found, and with it what it loads`, async () => {
    await using made = await program(says(said));
    const found = await driverAt(made.path).probe({ vmlinux: '/k' }, soon());
    assert.equal(found.program?.version, '53.0');
    assert.equal(found.program.landlock, true);
    assert.ok(found.program.runtime.some(({ target }) => target === made.path));
    assert.ok(found.program.runtime.some(({ target }) => target === '/usr/lib'));
  });
