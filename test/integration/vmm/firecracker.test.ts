// The Firecracker driver against the stand-in: what it writes into the configuration file, what it calls, and how it
// takes answers that are late, wrong or missing. No KVM, no root.
import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { createFirecrackerDriver, type LaunchRequest } from '../../../engine/src/vmm/index.ts';
import {
  configurationFaults,
  serveFirecracker,
  type StandInFirecracker,
} from '../../stand-in/firecracker.ts';

const soon = () => AbortSignal.timeout(30_000);
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

const request: LaunchRequest = {
  cpus: 2,
  memoryBytes: 512 << 20,
  kernel: { vmlinux: '/k/vmlinux', features: {} },
  initrd: '/run/ignite/3/initrd',
  cmdLine: ' quiet  foo=1 ',
  drives: [
    { index: 0, path: '/v/disk0.raw', format: 'raw', readOnly: false },
    { index: 1, path: '/k/modules.ext4', format: 'raw', readOnly: true },
  ],
  nics: [
    { kind: 'tap', tap: 'tap3', mac: '02:00:00:00:00:01', mtu: 1500 },
    { kind: 'tap', tap: 'tap3.1', mac: '02:00:00:00:00:02', mtu: 9000 },
  ],
  accelerator: 'kvm',
  uuid: '5f0c2f6e-0000-4000-8000-000000000001',
  jail: { root: '/run/ignite/3/jail', uid: 900_003 },
};

function plan(version: string) {
  const program = { binary: '/opt/firecracker', jailer: '/opt/jailer', version, runtime: [] };
  return driver.plan(program, request);
}

for (const [version, minor] of [
  ['1.15.1', 15],
  ['1.16.1', 16],
] as const)
  test(`Firecracker ${version} would boot what is written for it`, () => {
    const [file] = plan(version).jail?.files ?? [];
    assert.deepEqual(configurationFaults(JSON.parse(file?.content ?? ''), minor), []);
  });

test('the stand-in refuses what Firecracker refuses', () => {
  const [file] = plan('1.16.1').jail?.files ?? [];
  const content = JSON.parse(file?.content ?? '') as Record<string, unknown>;
  assert.match(configurationFaults(content, 15).join(), /unknown field `mtu`/);
  const machine = { vcpu_count: 33, mem_size_mib: 128 };
  assert.match(configurationFaults({ ...content, 'machine-config': machine }, 16).join(), /1 to 32/);
  assert.match(configurationFaults({ ...content, pretend: {} }, 16).join(), /no section/);
});

test('the jailer gets its user and its jail, the jail only this VM’s files at stable names', () => {
  const { argv, jail, descriptors } = plan('1.16.1');
  assert.equal(argv[0], '/opt/jailer');
  assert.match(argv.join(' '), /--uid 900003 --gid 900003 --chroot-base-dir \/run\/ignite\/3\/jail /);
  assert.deepEqual(descriptors, [{ fd: 0, kind: 'console' }]);
  assert.equal(jail?.jailer, '/firecracker/vm/root');
  assert.deepEqual(
    jail.binds.map(({ target, writable }) => `${target}${writable ? ' rw' : ''}`),
    ['/kernel', '/initrd', '/disks/0 rw', '/disks/1'],
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
  return { version, calls: [], paused: false };
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
  await control.resizeDrive(1, 1 << 30, soon());
  assert.deepEqual(
    served.calls.filter((call) => !call.startsWith('GET')),
    [
      'PATCH /vm {"state":"Paused"}',
      'PATCH /vm {"state":"Resumed"}',
      'PUT /actions {"action_type":"SendCtrlAltDel"}',
      'PATCH /drives/drive1 {"drive_id":"drive1","path_on_host":"/disks/1"}',
    ],
  );
});

for (const version of ['1.16.0', '1.16.1'])
  test(`a pause that would lose the guest is refused on ${version}`, async () => {
    const served = machine(version);
    await using control = await connected(served);
    await assert.rejects(control.pause(soon()), (error) => isIgniteError(error, 'vm/cannot-pause'));
    assert.equal(served.paused, false);
  });

test('a refusal carries Firecracker’s words', async () => {
  const served = machine('1.15.1');
  await using control = await connected(served);
  await assert.rejects(
    control.resizeDrive(-1, 1, soon()),
    (error) => isIgniteError(error, 'vmm/control-failed') && /Invalid request/.test(error.message),
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

async function programs(
  lines: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-fc-'));
  for (const [name, content] of Object.entries(lines)) {
    await writeFile(join(folder, name), content);
    await chmod(join(folder, name), 0o755);
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const says = (words: string) => `#!/bin/sh\necho '${words}'\n`;

for (const [what, files, reason] of [
  ['missing', {}, /cannot be executed/],
  [
    'too old',
    { firecracker: says('Firecracker v1.14.4'), jailer: says('Jailer v1.14.4') },
    /1\.14\.4; 1\.15 or newer/,
  ],
  ['without its jailer', { firecracker: says('Firecracker v1.16.1') }, /needs its jailer/],
  [
    'beside a jailer of another version',
    { firecracker: says('Firecracker v1.16.1'), jailer: says('Jailer v1.15.1') },
    /both must be equal/,
  ],
  [
    'another program',
    { firecracker: says('hello'), jailer: says('Jailer v1.15.1') },
    /did not say its version/,
  ],
  [
    'for another machine',
    { firecracker: '\x7fELF\x02\x01\x01', jailer: says('Jailer v1.15.1') },
    /for this machine/,
  ],
] as const)
  test(`a Firecracker that is ${what} is told in one sentence`, async () => {
    await using made = await programs(files);
    const found = await driverAt(join(made.folder, 'firecracker')).probe({ vmlinux: '/k' }, soon());
    assert.equal(found.usable, false);
    assert.match(found.reason ?? '', reason);
  });

test('one that fits is found with its version', async () => {
  await using made = await programs({
    firecracker: says('Firecracker v1.16.1'),
    jailer: says('Jailer v1.16.1'),
  });
  const found = await driverAt(join(made.folder, 'firecracker')).probe({ vmlinux: '/k' }, soon());
  assert.equal(found.program?.version, '1.16.1');
});

test('a drive has the serial that Firecracker computes from its file', async () => {
  await using made = await programs({ disk: '' });
  const path = join(made.folder, 'disk');
  const { dev, rdev, ino } = await stat(path);
  assert.equal(await driver.serialOf?.(path), `${dev}${rdev}${ino}`.slice(0, 20));
});
