import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaunchRequest } from '../port.ts';
import { qemuPlan } from './arguments.ts';
import { machineOf } from './machine.ts';

const drive = (index: number) => ({ index, path: `/v/${index}`, format: 'raw', readOnly: false }) as const;
const nic = (index: number) =>
  ({ kind: 'tap', tap: `tap${index}`, mac: `02:00:00:00:00:0${index}`, mtu: 1500 }) as const;

const ours: LaunchRequest = {
  cpus: 1,
  memoryBytes: 128 << 20,
  kernel: {
    vmlinux: '/k/vmlinux',
    architecture: 'amd64',
    features: { virtioMmioCmdline: true, virtioBuiltIn: true, pvh: true },
  },
  initrd: '/initrd',
  cmdLine: '',
  drives: [drive(0), drive(1)],
  nics: [nic(0), nic(1)],
  accelerator: 'kvm',
  uuid: '5f0c2f6e-0000-4000-8000-000000000001',
};

test('microvm for a kernel of ours with KVM; q35 else', () => {
  assert.equal(machineOf(ours), 'microvm');
  assert.equal(machineOf({ ...ours, accelerator: 'tcg' }), 'q35');
  assert.equal(
    machineOf({ ...ours, kernel: { vmlinux: '/k', architecture: 'amd64', features: { pvh: true } } }),
    'q35',
  );
  const folders = [{ tag: 'a', source: '/a', target: '/b', readOnly: true }];
  assert.equal(machineOf({ ...ours, folders }), 'q35');
});

test('virt for arm64', () => {
  assert.equal(machineOf({ ...ours, kernel: { ...ours.kernel, architecture: 'arm64' } }), 'virt');
});

test('microvm holds 7 devices, whose interrupts KVM delivers itself; a VM with more gets q35', () => {
  const drives = (count: number) => Array.from({ length: count }, (_, index) => drive(index));
  assert.equal(machineOf({ ...ours, drives: drives(3) }), 'microvm');
  assert.equal(machineOf({ ...ours, drives: drives(4) }), 'q35');
});

test('on microvm every device has a bus of its own, none is PCI, and a reset needs no keyboard controller', () => {
  const { argv } = qemuPlan({ binary: '/q', version: '7.2', runtime: [] }, ours);
  const text = argv.join(' ');
  assert.match(text, /-machine microvm,acpi=on,/);
  assert.match(text, /ioapic2=off/);
  assert.match(text, /force-legacy=off/);
  assert.doesNotMatch(text, /-pci|disable-legacy|romfile|reboot=k/);
  assert.match(text, / reboot=t/);
  const buses = [...text.matchAll(/-device (\S+)-device,bus=virtio-mmio-bus\.(\d+)/g)];
  assert.deepEqual(
    buses.map(([, name, bus]) => `${name} ${bus}`),
    ['virtio-serial 1', 'virtio-rng 2', 'virtio-blk 3', 'virtio-blk 4', 'virtio-net 5', 'virtio-net 6'],
  );
});
