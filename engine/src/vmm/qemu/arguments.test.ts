import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaunchRequest } from '../port.ts';
import { qemuPlan } from './arguments.ts';

const program = {
  binary: '/usr/bin/qemu',
  version: '7.2',
  runtime: [{ source: '/usr/lib', target: '/lib' }],
};

const request: LaunchRequest = {
  cpus: 2,
  memoryBytes: 512 * (1 << 20) + 5,
  kernel: { vmlinux: '/k/vmlinux', architecture: 'amd64', features: {} },
  initrd: '/run/ignite/0/initrd',
  cmdLine: ' foo=1  bar ',
  drives: [
    { index: 0, path: '/v/disk,0.qcow2', format: 'qcow2', readOnly: false },
    { index: 1, path: '/k/modules.ext4', format: 'raw', readOnly: true },
  ],
  nics: [{ kind: 'tap', tap: 'tap3', mac: '02:00:00:00:00:01', mtu: 1500 }],
  accelerator: 'tcg',
  uuid: '5f0c2f6e-0000-4000-8000-000000000001',
};

function valueAfter(argv: readonly string[], option: string): string | undefined {
  return argv[argv.indexOf(option) + 1];
}

test('memory is whole MiB and the translation buffer is bounded', () => {
  const { argv } = qemuPlan(program, request);

  assert.equal(valueAfter(argv, '-m'), '512M');
  assert.match(valueAfter(argv, '-accel') ?? '', /^tcg,.*tb-size=\d+$/);
});

test('KVM takes the host CPU and none of the words of emulation', () => {
  const { argv, machine } = qemuPlan(program, { ...request, accelerator: 'kvm' });

  assert.equal(machine, 'q35');
  assert.equal(valueAfter(argv, '-cpu'), 'host');
  assert.doesNotMatch(valueAfter(argv, '-append') ?? '', /tsc=reliable/);
});

test('an arm64 kernel gets its board, its console and no words of x86', () => {
  const arm64 = { ...request, kernel: { ...request.kernel, architecture: 'arm64' } } as const;
  const { argv, machine } = qemuPlan(program, arm64);

  assert.equal(machine, 'virt');
  assert.match(valueAfter(argv, '-machine') ?? '', /^virt,/);
  const words = valueAfter(argv, '-append') ?? '';
  assert.match(words, /^console=ttyAMA0 /);
  assert.doesNotMatch(words, /ttyS0|reboot=k|tsc/);
});

test("BUG-10: the user's kernel words come last, so that they win, in their order, the same one twice", () => {
  const { argv } = qemuPlan(program, request);
  const cmdLine = 'foo foo=bar console=tty0 console=ttyS1 foo';
  const several = qemuPlan(program, { ...request, cmdLine });
  assert.ok(valueAfter(several.argv, '-append')?.endsWith(` ${cmdLine}`));

  assert.match(valueAfter(argv, '-append') ?? '', / foo=1 bar$/);
});

test('drives carry their index as serial, the format is named, commas in paths are escaped', () => {
  const text = qemuPlan(program, request).argv.join(' ');

  assert.match(text, /filename=\/v\/disk,,0\.qcow2,read-only=off/);
  assert.match(text, /driver=qcow2,node-name=drive0/);
  assert.match(text, /serial=ign1/);
  assert.match(text, /driver=raw,node-name=drive1,file=drive1-file,read-only=on/);
});

test('every descriptor named on the command line is handed over under the same number', () => {
  const plan = qemuPlan(program, request);
  const named = [...plan.argv.join(' ').matchAll(/fd=(\d+)/g)].map((match) => Number(match[1]));

  assert.deepEqual(
    named.toSorted((a, b) => a - b),
    plan.descriptors.map((descriptor) => descriptor.fd),
  );
  assert.deepEqual(plan.descriptors.at(-1), { fd: 7, kind: 'tap', tap: 'tap3' });
});

test('NICs of a user network: a descriptor of the supervisor, or QEMU itself with its ports', () => {
  const mac = '02:00:00:00:00:01';
  const stream = qemuPlan(program, { ...request, nics: [{ kind: 'stream', mac, mtu: 65_520 }] });
  const ports = [
    { hostPort: 8080, vmPort: 80, protocol: 'tcp' },
    { hostPort: 53, vmPort: 5353, protocol: 'udp', bindAddress: '127.0.0.1' },
  ] as const;
  const own = { subnet: '10.0.2.0/24', address: '10.0.2.15', gateway: '10.0.2.2', dns: '10.0.2.3', ports };
  const builtIn = qemuPlan(program, {
    ...request,
    nics: [{ kind: 'built-in', mac, mtu: 1500, ...own }],
  });

  assert.equal(valueAfter(stream.argv, '-netdev'), 'socket,id=nic0,fd=7');
  assert.deepEqual(stream.descriptors.at(-1), { fd: 7, kind: 'net' });
  assert.equal(
    valueAfter(builtIn.argv, '-netdev'),
    'user,id=nic0,ipv4=on,ipv6=off,net=10.0.2.0/24,host=10.0.2.2,dns=10.0.2.3' +
      ',hostfwd=tcp::8080-10.0.2.15:80,hostfwd=udp:127.0.0.1:53-10.0.2.15:5353',
  );
  assert.equal(builtIn.descriptors.length, 4);
});

test('caps are one group above all drives, and the node that is resized is the uppermost', () => {
  const { argv } = qemuPlan(program, {
    ...request,
    diskLimits: { iops: 100, bytesPerSecond: 1 << 20 },
  });
  const text = argv.join(' ');

  assert.deepEqual(JSON.parse(argv.find((word) => word.startsWith('{')) ?? ''), {
    'qom-type': 'throttle-group',
    id: 'disk-limits',
    limits: { 'iops-total': 100, 'bps-total': 1 << 20 },
  });
  for (const index of [0, 1])
    assert.match(
      text,
      new RegExp(
        `driver=throttle,node-name=drive${index},throttle-group=disk-limits,file=drive${index}-format,.*virtio-blk-pci,drive=drive${index},`,
      ),
    );
  assert.doesNotMatch(qemuPlan(program, request).argv.join(' '), /throttle/);
});

test('a block device is opened as one', () => {
  const device = { index: 2, path: '/dev/loop0', format: 'raw', readOnly: false, device: true } as const;
  const text = qemuPlan(program, { ...request, drives: [device] }).argv.join(' ');

  assert.match(text, /driver=host_device,node-name=drive2-file,filename=\/dev\/loop0,/);
});

test('a jail has stable names, only what this VM needs, and KVM as a node of its own', () => {
  const [root, ...others] = request.drives;
  assert.ok(root !== undefined);
  const jail = { root: '/run/ignite/0/jail', uid: 900_001 };
  const drives = [{ ...root, backing: '/images/base/a.ext4' }, ...others];
  const plan = qemuPlan(program, { ...request, drives, jail, accelerator: 'kvm' });
  const text = plan.argv.join(' ');
  assert.match(text, /filename=\/disks\/0,read-only=off/);
  assert.match(text, /node-name=drive0,.*,backing=drive0-base /);
  assert.match(text, /-kernel \/kernel -initrd \/initrd/);
  assert.deepEqual(plan.jail, {
    root: '/run/ignite/0/jail',
    binds: [
      { writable: false, source: '/usr/lib', target: '/lib' },
      { writable: false, source: '/k/vmlinux', target: '/kernel' },
      { writable: false, source: '/run/ignite/0/initrd', target: '/initrd' },
      { writable: true, source: '/v/disk,0.qcow2', target: '/disks/0' },
      { writable: false, source: '/images/base/a.ext4', target: '/disks/0-base' },
      { writable: false, source: '/k/modules.ext4', target: '/disks/1' },
    ],
    devices: ['/dev/null', '/dev/urandom', '/dev/kvm'],
  });
});

test('shared folders have descriptors after the NICs, and the guest’s memory can be mapped', () => {
  const folder = { tag: 'share0', source: '/home/a', target: '/run/ignite/0/share0', readOnly: true };
  const { argv, descriptors } = qemuPlan(program, { ...request, folders: [folder] });
  const text = argv.join(' ');

  assert.match(text, /memory-backend-memfd,id=memory,size=512M,share=on -machine memory-backend=memory/);
  assert.match(text, /socket,id=folder0,fd=8 -device vhost-user-fs-pci,chardev=folder0,tag=share0/);
  const { source, target, readOnly } = folder;
  assert.deepEqual(descriptors.at(-1), { fd: 8, kind: 'share', source, target, readOnly });
});
