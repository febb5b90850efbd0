// The stand-in for Cloud Hypervisor as a process: started by ignite-spawn in the jail that the driver plans, its API called
// through the supervisor, its guest's calls taken at the doors, and the kernel asked what it may see and do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { giveTo, hostCommands } from '../../../engine/src/host/index.ts';
import type { SupervisorHandle } from '../../../engine/src/supervisor/index.ts';
import { createCloudHypervisorDriver } from '../../../engine/src/vmm/index.ts';
import { layerChecks, promisedLayers, readVmm } from '../../fixtures/vmm-layers.ts';
import { eventually, makeWorld, soon, statusWhere, type World } from '../supervisor/world.ts';

const skip = process.getuid?.() === 0 ? false : 'only root makes a jail';
const UID = 154_324;
const STAND_IN = join(import.meta.dirname, '../../stand-in');
/** The real one filters its system calls by itself; a cgroup is the lifecycle's to make. */
const NOT_HERE = ['few system calls', 'own group'];

const PROGRAM = `#!${process.execPath}
if (process.argv.includes('--version')) console.log('cloud-hypervisor v53.0');
else import('/stand-in/cloud-hypervisor/main.ts');
`;

const driver = (path: string) =>
  createCloudHypervisorDriver({
    ...{ commands: hostCommands(), architecture: 'x86_64', path },
    verdicts: { load: async () => undefined, save: async () => {} },
  });

async function start(world: World, extra: { netns?: string; tap?: string } = {}): Promise<SupervisorHandle> {
  const files = await filesOf(world);
  const probe = await driver(files.program).probe({}, soon());
  assert.ok(probe.program, probe.reason);
  const root = join(world.run, 'jail');
  const plan = driver(files.program).plan(probe.program, {
    ...{ cpus: 1, memoryBytes: 128 << 20, cmdLine: '', accelerator: 'kvm' },
    kernel: { vmlinux: files.kernel, architecture: 'amd64', features: {} },
    initrd: files.initrd,
    drives: [
      { index: 0, path: files.disk, format: 'raw', readOnly: false },
      { index: 1, path: files.kernel, format: 'raw', readOnly: true },
    ],
    nics:
      extra.tap === undefined ? [] : [{ kind: 'tap', tap: extra.tap, mac: '02:00:00:00:00:01', mtu: 1500 }],
    uuid: '5f0c2f6e-0000-4000-8000-000000000001',
    jail: { root, uid: UID },
  });
  assert.ok(plan.jail);
  const binds = [
    ...plan.jail.binds,
    { writable: false, source: process.execPath, target: process.execPath },
    { writable: false, source: STAND_IN, target: '/stand-in' },
  ];
  return world.start([], {
    ...plan,
    jail: { ...plan.jail, binds, devices: plan.jail.devices?.filter((path) => existsSync(path)) ?? [] },
    env: { TOKEN: world.token },
    ...{ uid: UID, gid: UID, ...(extra.netns === undefined ? {} : { netns: extra.netns }) },
  });
}

/** A program, a kernel, an initrd and a disk, which belongs to the VMM. */
async function filesOf(world: World) {
  const folder = join(world.root, 'files');
  await mkdir(folder, { recursive: true });
  const [program, kernel, initrd, disk] = ['cloud-hypervisor', 'kernel', 'initrd', 'disk'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  await writeFile(program, PROGRAM);
  await chmod(program, 0o755);
  for (const path of [kernel, initrd, disk]) await writeFile(path, 'content');
  for (const path of [kernel, initrd]) await chmod(path, 0o644);
  await giveTo(disk, UID);
  return { program, kernel, initrd, disk };
}

async function withTap(use: (netns: string, tap: string) => Promise<void>): Promise<void> {
  const netns = `ignch${randomBytes(4).toString('hex')}`;
  execFileSync('ip', ['netns', 'add', netns]);
  try {
    execFileSync('ip', ['-n', netns, 'tuntap', 'add', 'igntap0', 'mode', 'tap', 'vnet_hdr']);
    await use(`/run/netns/${netns}`, 'igntap0');
  } finally {
    execFileSync('ip', ['netns', 'del', netns]);
  }
}

test('in its jail it is held as docs/security.md says, and its API and guest are reached', {
  skip,
}, async (t) => {
  await withTap(async (netns, tap) => {
    await using world = await makeWorld();
    const handle = await start(world, { netns, tap });
    await statusWhere(handle, ({ ready }) => ready !== undefined);
    const top = dirname(process.execPath).split('/')[1] ?? '';
    const vmm = { ...(await readVmm(handle.status().vmmPid)), programs: [top, 'stand-in', 'tmp'] };
    for (const row of (await promisedLayers()).filter((row) => !NOT_HERE.includes(row)))
      await t.test(row, async () => layerChecks[row]?.(vmm));

    await using control = await driver('/none').control(await handle.open('vmm', soon()), soon());
    await control.pause(soon());
    assert.deepEqual(await control.state(soon()), { paused: true });
    await control.resume(soon());
    assert.deepEqual(await control.diskUse?.(soon()), { read: 200, written: 20 });
    await control.powerButton(soon()).catch(() => {}); // it ends before it answers
    assert.deepEqual((await handle.ended)?.vmm, { code: 0 });
  });
});

test('a reset of its guest ends it, although it would go on', { skip }, async () => {
  await using world = await makeWorld();
  const handle = await start(world);
  await statusWhere(handle, ({ ready }) => ready !== undefined);
  const console = await handle.open('console', soon());
  console.write('reset\n');
  const exit = await handle.ended;
  assert.deepEqual(exit?.vmm, { code: 0 });
  assert.equal(exit.killed, false);
});

test('killed at any moment of its start it leaves nothing', { skip }, async () => {
  await using world = await makeWorld();
  for (const moment of ['executed', 'listening', 'ready'] as const) {
    const handle = await start(world);
    if (moment === 'listening') await eventually(() => answers(handle), Boolean);
    if (moment === 'ready') await statusWhere(handle, ({ ready }) => ready !== undefined);
    process.kill(handle.status().vmmPid, 'SIGKILL');
    const exit = await handle.ended;
    assert.deepEqual(exit?.vmm, { signal: 9 }, moment);
    assert.equal(exit.killed, false);
    handle.close();
    await eventually(
      () => world.processes(),
      (pids) => pids.length === 0,
    );
    const left = (await world.files()).filter((name) => /sock|spawn\.json$/.test(name));
    assert.deepEqual(left, [], moment);
  }
});

async function answers(handle: SupervisorHandle): Promise<boolean> {
  try {
    await using control = await driver('/none').control(await handle.open('vmm', soon()), soon());
    return !(await control.state(soon())).paused;
  } catch {
    return false; // it does not listen yet
  }
}
