// The contract of the drivers, run over each VMM of the lab with its KVM, and what the kernel says of a VMM that runs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { driverContract } from '../../contract/contract.ts';
import { until, vmmOf, type ContractHost } from '../../contract/host.ts';
import { assertHeld, group, processOf } from './held.ts';
import { ignite, igniteOk, vmName } from './ignite.ts';

const VMMS = [
  { name: 'firecracker', program: '/usr/local/bin/firecracker' },
  { name: 'cloud-hypervisor', program: '/usr/local/bin/cloud-hypervisor' },
  { name: 'qemu', program: '/usr/bin/qemu-system-x86_64' },
] as const;

/** The one VMM that is to be tested; absent: those that the lab has of itself. */
const asked = process.env['LAB_VMM'];

/** Names of the kernels that are to be tried; empty: the distribution's. */
const kernels = (process.env['LAB_KERNELS'] ?? '').split(',');

/** Each VMM with the first kernel; QEMU with every one, as it makes another machine for a kernel of ours. */
const rows = VMMS.filter(({ name }) => asked === undefined || name === asked).flatMap((vmm) =>
  kernels
    .filter((_, index) => index === 0 || vmm.name === 'qemu')
    .map((kernel) => ({
      ...vmm,
      process: processOf(vmm.name),
      title: kernel === '' ? vmm.name : `${vmm.name} with the kernel ${kernel}`,
      flags: ['--vmm', vmm.name, '--accel', 'kvm', ...(kernel === '' ? [] : ['--kernel', kernel])],
      machine: kernel === '' ? 'q35' : 'microvm',
    })),
);

for (const vmm of rows) {
  const there = existsSync(vmm.program);
  if (!there) console.log(`${vmm.program} is not there: its contract is passed over.`);

  describe(`${vmm.title} and KVM`, { skip: !there }, () => {
    const version = there ? execFileSync(vmm.program, ['--version'], { encoding: 'utf8' }) : '';
    const host: ContractHost = {
      flags: vmm.flags,
      patience: ['--timeout', '300'],
      image: 'lab:1',
      process: vmm.process,
      group,
      ignite,
      ...(/Firecracker v1\.16\.[01]\b/.test(version) ? { refusesPause: /issue 6100/ } : {}),
    };
    driverContract(host);
  });

  describe(`${vmm.title} in its jail`, { skip: !there }, () => {
    const name = vmName('held');
    const words = [...vmm.flags, '--timeout', '300', '--memory', '256M'];
    before(() => igniteOk(['run', '-d', '--name', name, ...words, 'lab:1', 'sleep', '100000']));
    after(async () => void (await ignite(['rm', '-f', name])));

    test('its user, no capabilities, seccomp, its own namespaces, its cgroup', async () => {
      const { bound, status } = JSON.parse(await igniteOk(['inspect', 'vm', name]));
      const pid = await vmmOf({ process: vmm.process, group }, bound.slot);
      assert.ok(pid !== undefined, 'no VMM was found');
      await assertHeld(pid);
      assert.deepEqual([status.vmm.name, status.vmm.accelerator], [vmm.name, 'kvm']);
      if (vmm.name !== 'qemu') return;
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
      assert.equal(words[words.indexOf('-machine') + 1]?.split(',')[0], vmm.machine);
      assert.equal(status.vmm.machine, vmm.machine);
    });

    // Others end by a reset, and say no more of it than this.
    const skip = vmm.name !== 'cloud-hypervisor' && 'only its process goes on after a reset';
    test('a guest that is reset without a word is told as rebooted', { skip }, async () => {
      await ignite([
        'exec',
        name,
        'sh',
        '-c',
        'echo 1 > /proc/sys/kernel/sysrq; echo b > /proc/sysrq-trigger',
      ]);
      const detail = async () => JSON.parse(await igniteOk(['inspect', 'vm', name])).status.detail;
      await until('it is told', async () => (await detail()) === 'guest rebooted');
    });

    test('a command’s output and exit code arrive', async () => {
      const script = 'echo out; echo err >&2; exit 42';
      const ended = await ignite(['run', '--rm', ...words, 'lab:1', 'sh', '-c', script]);
      assert.deepEqual([ended.code, ended.stdout], [42, 'out\n'], ended.stderr);
      assert.match(ended.stderr, /^err$/m);
    });
  });
}
