// The Firecracker driver against the stand-in: what it writes into the configuration file, what it calls, and how it
// takes answers that are late, wrong or missing. No KVM, no root.
import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { createFirecrackerDriver } from '../../../engine/src/vmm/index.ts';
import { launchRequest } from '../../fixtures/launch-request.ts';
import {
  configurationFaults,
  serveFirecracker,
  standInFirecracker,
  type StandInFirecracker,
} from '../../stand-in/firecracker/index.ts';

const soon = () => AbortSignal.timeout(180_000);
const verdicts = { load: async () => ({ trusted: true }), save: async () => {} };

function driverAt(path: string) {
  const find = async () => undefined;
  return createFirecrackerDriver({
    commands: hostCommands(),
    verdicts,
    architecture: 'x86_64',
    path,
    find,
    isRoot: true,
  });
}

const driver = driverAt('/nowhere/firecracker');

const request = launchRequest({
  cmdLine: ' quiet  foo=1 ',
  drives: [
    { index: 0, path: '/v/disk0.raw', format: 'raw', readOnly: false },
    { index: 1, path: '/k/modules.ext4', format: 'raw', readOnly: true, shared: true },
    { index: 2, path: '/v/data.raw', format: 'raw', readOnly: false },
  ],
  diskLimits: { iops: 100, bytesPerSecond: 4_000_000 },
  metadata: { latest: { 'meta-data': { hostname: 'web' } } },
  nics: [
    { kind: 'tap', tap: 'tap3', mac: '02:00:00:00:00:01', mtu: 1500, bytesPerSecond: 1_000_000 },
    { kind: 'tap', tap: 'tap3.1', mac: '02:00:00:00:00:02', mtu: 9000 },
  ],
});

function plan(version: string, asked = request) {
  const program = { binary: '/opt/firecracker', jailer: '/opt/jailer', version, runtime: [] };
  return driver.plan(program, asked);
}

for (const [version, minor] of [
  ['1.15.1', 15],
  ['1.16.1', 16],
] as const)
  test(`BEY-02: Firecracker ${version} would boot what is written for it`, () => {
    assert.deepEqual(configurationFaults(configurationOf(version), minor), []);
  });

function configurationOf(version: string, asked = request): Readonly<Record<string, unknown>> {
  const [file] = plan(version, asked).jail?.files ?? [];
  return JSON.parse(file?.content ?? '') as Record<string, unknown>;
}

test('each drive of the VM has its share of the caps, the modules that all read have none; NICs each way', () => {
  const { drives, 'network-interfaces': nics } = configurationOf('1.16.1');
  const caps = { bandwidth: { size: 2_000_000, refill_time: 1000 }, ops: { size: 50, refill_time: 1000 } };
  const seen = (drives as readonly Record<string, unknown>[]).map((one) => [
    one['drive_id'],
    one['rate_limiter'],
  ]);
  assert.deepEqual(seen, [
    ['drive0', caps],
    ['shared1', undefined],
    ['drive2', caps],
  ]);
  const limiter = { bandwidth: { size: 1_000_000, refill_time: 1000 } };
  const [first, second] = nics as readonly Record<string, unknown>[];
  assert.deepEqual([first?.['rx_rate_limiter'], first?.['tx_rate_limiter']], [limiter, limiter]);
  assert.deepEqual([first?.['mtu'], second?.['mtu'], second?.['rx_rate_limiter']], [1500, 9000, undefined]);
});

test('BEY-02: the metadata service is V2, on every NIC, and its content a file of the jail', () => {
  const { argv, jail } = plan('1.16.1');
  const wanted = { version: 'V2', network_interfaces: ['eth0', 'eth1'] };
  assert.deepEqual(configurationOf('1.16.1')['mmds-config'], wanted);
  assert.match(argv.join(' '), / --metadata \/metadata\.json /);
  const file = jail?.files?.find(({ target }) => target === '/metadata.json');
  assert.deepEqual(JSON.parse(file?.content ?? ''), request.metadata);
  const alone = plan('1.16.1', { ...request, nics: [] });
  assert.doesNotMatch(alone.argv.join(' ') + JSON.stringify(alone.jail?.files), /metadata|mmds/);
});

test('the stand-in refuses what Firecracker refuses', () => {
  const content = configurationOf('1.16.1');
  assert.match(configurationFaults(content, 15).join(), /unknown field `mtu`/);
  const machine = { vcpu_count: 33, mem_size_mib: 128 };
  assert.match(configurationFaults({ ...content, 'machine-config': machine }, 16).join(), /1 to 32/);
  assert.match(configurationFaults({ ...content, pretend: {} }, 16).join(), /no section/);
  const elsewhere = { version: 'V2', network_interfaces: ['eth7'] };
  assert.match(
    configurationFaults({ ...content, 'mmds-config': elsewhere }, 16).join(),
    /no network interface/,
  );
});

test('BEY-02: the jailer gets its user and its jail, the jail only this VM’s files at stable names', () => {
  const { argv, jail, descriptors } = plan('1.16.1');
  assert.equal(argv[0], '/opt/jailer');
  assert.match(argv.join(' '), /--uid 900003 --gid 900003 --chroot-base-dir \/run\/ignite\/3\/jail /);
  assert.deepEqual(descriptors, [{ fd: 0, kind: 'console' }]);
  assert.equal(jail?.jailer, '/firecracker/vm/root');
  assert.deepEqual(
    jail.binds.map(({ target, writable }) => `${target}${writable ? ' rw' : ''}`),
    ['/kernel', '/initrd', '/disks/0 rw', '/disks/1', '/disks/2 rw'],
  );
  assert.deepEqual(jail.doors?.facts, '/run/guest.sock_1024');
});

test('without root there is no jailer, and so no plan', () => {
  const { jail: _, ...free } = request;
  const program = { binary: '/opt/firecracker', jailer: '/opt/jailer', version: '1.16.1', runtime: [] };
  assert.throws(
    () => driver.plan(program, free),
    (error) => isIgniteError(error, 'vmm/lacks-capability'),
  );
});

function machine(version: string): StandInFirecracker {
  return standInFirecracker(version, configurationOf(version));
}

async function connected(served: StandInFirecracker) {
  const [ours, theirs] = duplexPair();
  serveFirecracker(served, theirs);
  return driver.control(ours, soon());
}

test('pause, resume, state, Ctrl-Alt-Del and a grown drive are calls that Firecracker takes', async () => {
  const served = machine('1.15.1');
  await using control = await connected(served);
  assert.deepEqual(await control.state(soon()), { paused: false });
  await control.pause(soon());
  assert.deepEqual(await control.state(soon()), { paused: true });
  await control.resume(soon());
  await control.powerButton(soon());
  await control.resizeDrive(2, 1 << 30, soon());
  await control.tellCounters?.(soon());
  assert.deepEqual(
    served.calls.filter((call) => !call.startsWith('GET')),
    [
      'PATCH /vm {"state":"Paused"}',
      'PATCH /vm {"state":"Resumed"}',
      'PUT /actions {"action_type":"SendCtrlAltDel"}',
      'PATCH /drives/drive2 {"drive_id":"drive2","path_on_host":"/disks/2"}',
      'PUT /actions {"action_type":"FlushMetrics"}',
    ],
  );
});

test('caps of a running VM change in every drive that has them, and in every NIC; without a cap it is switched off', async () => {
  const served = machine('1.15.1');
  await using control = await connected(served);
  await control.limitDisks?.({ iops: 20 }, soon());
  await control.limitNics?.([undefined, 7_000_000], soon());
  const off = '{"size":0,"refill_time":0}';
  const drive = `{"bandwidth":${off},"ops":{"size":10,"refill_time":1000}}`;
  const nic = (bandwidth: string) => `{"bandwidth":${bandwidth},"ops":${off}}`;
  const nics = [nic(off), nic('{"size":7000000,"refill_time":1000}')];
  assert.deepEqual(
    served.calls.filter((call) => call.startsWith('PATCH')),
    [
      ...['drive0', 'drive2'].map((id) => `PATCH /drives/${id} {"drive_id":"${id}","rate_limiter":${drive}}`),
      ...nics.map(
        (limiter, index) =>
          `PATCH /network-interfaces/eth${index} {"iface_id":"eth${index}","rx_rate_limiter":${limiter},"tx_rate_limiter":${limiter}}`,
      ),
    ],
  );
});

for (const version of ['1.16.0', '1.16.1'])
  test(`a pause that would lose the guest is refused on ${version}`, async () => {
    const served = machine(version);
    await using control = await connected(served);
    await assert.rejects(control.pause(soon()), (error) => isIgniteError(error, 'vm/cannot-pause'));
    assert.equal(served.state, 'Running');
  });

test('a refusal carries Firecracker’s words', async () => {
  const served = machine('1.15.1');
  await using control = await connected(served);
  await assert.rejects(
    control.resizeDrive(-1, 1, soon()),
    (error) => isIgniteError(error, 'vmm/control-failed') && /only contain alphanumeric/.test(error.message),
  );
});

test('an answer that is late ends with the caller’s deadline, one that is none is told as lost', async () => {
  const silent = duplexPair();
  silent[1].resume();
  await assert.rejects(driver.control(silent[0], AbortSignal.timeout(20)), { name: 'TimeoutError' });
  for (const words of ['220 ready\r\n\r\n', 'HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n{"}']) {
    const [ours, theirs] = duplexPair();
    theirs.write(words);
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

test('a drive has the serial that Firecracker computes from its file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-fc-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'disk');
  await writeFile(path, '');
  const { dev, rdev, ino } = await stat(path);
  assert.equal(await driver.serialOf?.(path), `${dev}${rdev}${ino}`.slice(0, 20));
});
