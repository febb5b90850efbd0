// The contract of the drivers, run over each VMM of the lab with its KVM, and what the kernel says of a VMM that runs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { driverContract } from '../../contract/contract.ts';
import { vmmOf, type ContractHost } from '../../contract/host.ts';
import { ignite, igniteOk, vmName } from './ignite.ts';

const VMMS = [
  { name: 'firecracker', program: '/usr/local/bin/firecracker', process: 'firecracker' },
  // The kernel keeps 15 characters of a process's name (proc(5), comm).
  { name: 'cloud-hypervisor', program: '/usr/local/bin/cloud-hypervisor', process: 'cloud-hyperviso' },
  { name: 'qemu', program: '/usr/bin/qemu-system-x86_64', process: 'qemu-system-x86' },
] as const;

/** First entries of the only paths that a VMM's root may hold: docs/security.md. */
const OWN_FILES = [
  ...['dev', 'disks', 'kernel', 'initrd', 'run'],
  ...['firecracker', 'firecracker.json', 'firecracker.pid', 'metadata.json'],
  ...['lib', 'lib64', 'usr', 'etc'],
];

/** The one VMM that is to be tested; absent: those that the lab has of itself. */
const asked = process.env['LAB_VMM'];

for (const vmm of VMMS.filter(({ name }) => asked === undefined || name === asked)) {
  const there = existsSync(vmm.program);
  if (!there) console.log(`${vmm.program} is not there: its contract is passed over.`);

  describe(`${vmm.name} with KVM`, { skip: !there }, () => {
    const version = there ? execFileSync(vmm.program, ['--version'], { encoding: 'utf8' }) : '';
    const host: ContractHost = {
      flags: ['--vmm', vmm.name, '--accel', 'kvm'],
      patience: ['--timeout', '300'],
      image: 'lab:1',
      process: vmm.process,
      group,
      ignite,
      ...(/Firecracker v1\.16\.[01]\b/.test(version) ? { refusesPause: /issue 6100/ } : {}),
    };
    driverContract(host);
  });

  describe(`${vmm.name} in its jail`, { skip: !there }, () => {
    const name = vmName('held');
    const words = ['--vmm', vmm.name, '--accel', 'kvm', '--timeout', '300', '--memory', '256M'];
    before(() => igniteOk(['run', '-d', '--name', name, ...words, 'lab:1', 'sleep', '100000']));
    after(async () => void (await ignite(['rm', '-f', name])));

    test('its user, no capabilities, seccomp, its own namespaces, its cgroup', async () => {
      const { bound } = JSON.parse(await igniteOk(['inspect', 'vm', name]));
      const pid = await vmmOf({ process: vmm.process, group }, bound.slot);
      assert.ok(pid !== undefined, 'no VMM was found');
      await assertHeld(pid);
    });

    test('a command’s output and exit code arrive', async () => {
      const script = 'echo out; echo err >&2; exit 42';
      const ended = await ignite(['run', '--rm', ...words, 'lab:1', 'sh', '-c', script]);
      assert.deepEqual([ended.code, ended.stdout], [42, 'out\n'], ended.stderr);
      assert.match(ended.stderr, /^err$/m);
    });
  });
}

async function group(): Promise<string> {
  const { instance } = JSON.parse(await readFile('/var/lib/ignite/format.json', 'utf8'));
  return `ignite-${instance}`;
}

/** Cloud Hypervisor's first thread only waits for the others and has no filter; each of those has its own. */
async function assertFiltered(pid: number, status: string): Promise<void> {
  if (!/^Name:\s+cloud-hyperviso$/m.test(status)) {
    assert.match(status, /^Seccomp:\s+2$/m);
    return;
  }
  const others = (await readdir(`/proc/${pid}/task`)).filter((thread) => Number(thread) !== pid);
  assert.ok(others.length > 0, 'it has threads');
  for (const thread of others)
    assert.match(await readFile(`/proc/${pid}/task/${thread}/status`, 'utf8'), /^Seccomp:\s+2$/m);
}

async function assertHeld(pid: number): Promise<void> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
  assert.ok(Number(field('Uid').split(/\s+/)[0]) >= 100_000, status);
  assert.equal(field('Groups'), '');
  assert.match(field('CapEff'), /^0+$/);
  assert.equal(field('NoNewPrivs'), '1');
  await assertFiltered(pid, status);
  for (const kind of ['mnt', 'pid', 'net'])
    assert.notEqual(await readlink(`/proc/${pid}/ns/${kind}`), await readlink(`/proc/self/ns/${kind}`));
  assert.match(await readFile(`/proc/${pid}/cgroup`, 'utf8'), /^0::\/.*\/\d+$/m);
  const names = await readdir(`/proc/${pid}/root`);
  assert.deepEqual(
    names.filter((name) => !OWN_FILES.includes(name)),
    [],
  );
}
