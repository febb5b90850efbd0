import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaunchRequest } from '../port.ts';
import { qemuPlan } from './arguments.ts';

const request: LaunchRequest = {
  cpus: 2,
  memoryBytes: 512 * (1 << 20) + 5,
  kernel: { vmlinux: '/k/vmlinux', features: {} },
  initrd: '/run/ignite/0/initrd',
  cmdLine: ' foo=1  bar ',
  drives: [
    { index: 0, path: '/v/disk,0.qcow2', format: 'qcow2', readOnly: false },
    { index: 1, path: '/k/modules.ext4', format: 'raw', readOnly: true },
  ],
  nics: [{ tap: 'tap3', mac: '02:00:00:00:00:01', mtu: 1500 }],
  accelerator: 'tcg',
  uuid: '5f0c2f6e-0000-4000-8000-000000000001',
};

function valueAfter(argv: readonly string[], option: string): string | undefined {
  return argv[argv.indexOf(option) + 1];
}

test('memory is whole MiB and the translation buffer is bounded', () => {
  const { argv } = qemuPlan('/usr/bin/qemu', request);

  assert.equal(valueAfter(argv, '-m'), '512M');
  assert.match(valueAfter(argv, '-accel') ?? '', /^tcg,.*tb-size=\d+$/);
});

test('KVM takes the host CPU and none of the words of emulation', () => {
  const { argv } = qemuPlan('/usr/bin/qemu', { ...request, accelerator: 'kvm' });

  assert.equal(valueAfter(argv, '-cpu'), 'host');
  assert.doesNotMatch(valueAfter(argv, '-append') ?? '', /tsc=reliable/);
});

test("the user's kernel words come last, so that they win", () => {
  const { argv } = qemuPlan('/usr/bin/qemu', request);

  assert.match(valueAfter(argv, '-append') ?? '', / foo=1 bar$/);
});

test('drives carry their index as serial, the format is named, commas in paths are escaped', () => {
  const text = qemuPlan('/usr/bin/qemu', request).argv.join(' ');

  assert.match(text, /filename=\/v\/disk,,0\.qcow2,read-only=off/);
  assert.match(text, /driver=qcow2,node-name=drive0/);
  assert.match(text, /serial=ign1/);
  assert.match(text, /driver=raw,node-name=drive1,file=drive1-file,read-only=on/);
});

test('every descriptor named on the command line is handed over under the same number', () => {
  const plan = qemuPlan('/usr/bin/qemu', request);
  const named = [...plan.argv.join(' ').matchAll(/fd=(\d+)/g)].map((match) => Number(match[1]));

  assert.deepEqual(
    named.toSorted((a, b) => a - b),
    plan.descriptors.map((descriptor) => descriptor.fd),
  );
  assert.deepEqual(plan.descriptors.at(-1), { fd: 7, kind: 'tap', tap: 'tap3' });
});
