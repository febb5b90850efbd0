// Our own kernel for microVMs: where `make kernel` has been run, the Debian machine boots with it, without any module, and
// what Docker, k3s, WireGuard and eBPF need is there.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cachedKernel } from '../../images/microvm-kernel/cache.ts';
import { ignite, igniteOk, MACHINE, waitFor } from './world/index.ts';

const NAME = 'microvm-kernel';
/** An emulated machine on a host that is busy takes its time. */
const BOOT_MS = 900_000;
const BUS = '/run/dbus/system_bus_socket';

/** Each line is a check in the guest; it fails with what it says. */
const CHECKS = [
  ['/proc/config.gz', 'test -s /proc/config.gz'],
  ['no module is loaded', '! grep -q . /proc/modules'],
  ['a module can be', 'modprobe nbd && grep -q ^nbd /proc/modules'],
  ['what is built in is known to modprobe', 'modprobe -n overlay && modprobe -n wireguard'],
  [
    'overlay mounts',
    'cd /run && mkdir -p l u w m && mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m && umount m',
  ],
  ['WireGuard', 'ip link add wg0 type wireguard && ip link del wg0'],
  [
    'bridge, veth, VXLAN',
    'ip link add br0 type bridge && ip link add v0 type veth peer v1 && ip link del v0',
  ],
  ['VXLAN', 'ip link add vx0 type vxlan id 7 dstport 8472 dev lo && ip link del vx0'],
  [
    'control groups',
    'grep -qw memory /sys/fs/cgroup/cgroup.controllers && grep -qw pids /sys/fs/cgroup/cgroup.controllers',
  ],
  ['9p and virtiofs', 'grep -qw 9p /proc/filesystems && grep -qw virtiofs /proc/filesystems'],
  ['vsock', 'test -c /dev/vsock'],
  ['the JIT of BPF', 'test "$(cat /proc/sys/net/core/bpf_jit_enable)" = 1'],
  [
    'programs of control groups: systemd filters with them',
    'ping -qc1 127.0.0.1 && ! systemd-run -q --wait -p IPAddressDeny=any ping -qc1 -W1 127.0.0.1',
  ],
] as const;

test('the Debian machine boots with the kernel of `make kernel`', async (t) => {
  const folder = await cachedKernel();
  if (folder === undefined) return t.skip('no kernel is built: `make kernel` has not been run');
  const name = `microvm-${process.pid}`;
  after(async () => {
    await ignite(['rm', '-f', name]);
    await igniteOk(['kernel', 'rm', NAME]); // the newest kernel is the default of others
  });
  await igniteOk(['kernel', 'import', '--name', NAME, folder]);
  await igniteOk(['run', '--name', name, '--kernel', NAME, MACHINE], { timeoutMs: BOOT_MS });
  const uptime = (await igniteOk(['exec', name, 'cat', '/proc/uptime'])).split(' ')[0];
  const release = await igniteOk(['exec', name, 'uname', '-r']);
  assert.match(release, /-ignite$/);
  const listed = await igniteOk(['kernels', '--format', '{{.Version}}']);
  assert.ok(listed.split('\n').includes(release), listed);
  const hasBus = async () => (await ignite(['exec', name, 'test', '-S', BUS])).code === 0;
  await waitFor('systemd-run can be used', hasBus, BOOT_MS);
  const script = CHECKS.map(([what, line]) => `( ${line} ) >&2 || echo 'lacks: ${what}'`).join('\n');
  const { stdout, stderr } = await ignite(['exec', name, 'sh', '-c', script]);
  assert.equal(stdout, '', stderr);
  t.diagnostic(`booted ${release}; its agent answered ${uptime} s after the kernel's start`);
});
