// Our own kernel for microVMs: where `make kernel` has been run, the Debian machine boots with it, without any module, what Docker,
// k3s, WireGuard and eBPF need is there, and dockerd, pods of containerd, a tunnel, eBPF programs and what a Kubernetes node does run in it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { cachedKernel } from '../../images/microvm-kernel/cache.ts';
import { CACHE, ignite, igniteOk, inspect, MACHINE, waitFor } from './world/index.ts';

const NAME = 'microvm-kernel';
/** An emulated machine on a host that is busy takes its time. */
const BOOT_MS = 2_700_000;
const BUS = '/run/dbus/system_bus_socket';
/** A machine with the programs that use the kernel; made once, then cached. */
const NODE = 'e2e/kernel-node:1';
const PACKAGES = [
  'apparmor', // dockerd wants its parser where the kernel has AppArmor
  'bpftool',
  'busybox-static',
  'containernetworking-plugins',
  'docker.io',
  'ipset',
  'iptables',
  'ipvsadm',
  'wireguard-tools',
];

/** What Docker's check of a kernel (moby 00148c8) and k3s's (06441e8) call necessary; for control groups of version 1, too. */
const NECESSARY = `
  NAMESPACES NET_NS PID_NS IPC_NS UTS_NS CGROUPS CGROUP_PIDS CGROUP_CPUACCT CGROUP_DEVICE CGROUP_FREEZER CGROUP_SCHED
  CGROUP_BPF CPUSETS MEMCG SECCOMP KEYS POSIX_MQUEUE VETH BRIDGE BRIDGE_NETFILTER NF_NAT IP_NF_FILTER IP_NF_MANGLE IP_NF_RAW
  IP_NF_NAT IP_NF_TARGET_MASQUERADE IP_NF_TARGET_REJECT IP6_NF_FILTER IP6_NF_MANGLE IP6_NF_RAW IP6_NF_NAT
  IP6_NF_TARGET_MASQUERADE NETFILTER_XT_MARK NETFILTER_XT_MATCH_ADDRTYPE NETFILTER_XT_MATCH_CONNTRACK
  NETFILTER_XT_MATCH_IPVS NETFILTER_XT_MATCH_COMMENT NETFILTER_XT_MATCH_MULTIPORT NETFILTER_XT_MATCH_STATISTIC`
  .trim()
  .split(/\s+/);

/** Each line is a check in the guest; it fails with what it says. */
const CHECKS = [
  ['/proc/config.gz', 'test -s /proc/config.gz'],
  [
    'what Docker and k3s call necessary',
    `zcat /proc/config.gz >/run/config && for o in ${NECESSARY.join(' ')}; do grep -q "^CONFIG_$o=[ym]" /run/config || { echo "no $o"; exit 1; }; done`,
  ],
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

/** The machine with PACKAGES in the store. */
async function prepareNode(): Promise<void> {
  const archive = join(CACHE, `kernel-node-${PACKAGES.join('+')}.tar`);
  if (existsSync(archive)) {
    await igniteOk(['image', 'load', archive, '--reference', NODE], { timeoutMs: BOOT_MS });
    return;
  }
  const packages = PACKAGES.flatMap((name) => ['--package', name]);
  await igniteOk(['image', 'make', 'debian', '--suite', 'bookworm', '-t', NODE, ...packages], {
    timeoutMs: BOOT_MS,
  });
  await mkdir(CACHE, { recursive: true });
  await igniteOk(['save', '-o', `${archive}.tmp`, NODE], { timeoutMs: BOOT_MS });
  await rename(`${archive}.tmp`, archive);
}

/** Runs a script of guest-kernel in a guest; returns what it prints. */
async function inGuest(vm: string, script: string, ...words: readonly string[]): Promise<string> {
  const stdin = await readFile(join(import.meta.dirname, 'guest-kernel', script));
  return await igniteOk(['exec', '-i', vm, 'sh', '-s', ...words], { stdin, timeoutMs: BOOT_MS });
}

async function addressOf(vm: string): Promise<string> {
  return (await inspect(vm)).status.network?.ipAddresses?.[0] ?? 'no address';
}

const folder = await cachedKernel();
const skip = folder === undefined ? 'no kernel is built: `make kernel` has not been run' : false;

suite('the kernel of `make kernel`', { skip }, () => {
  const vms = ['machine', 'a', 'b'].map((word) => `microvm-${word}-${process.pid}`);
  const [machine = '', a = '', b = ''] = vms;
  before(() => igniteOk(['kernel', 'import', '--name', NAME, folder ?? '']));
  after(async () => {
    await ignite(['rm', '-f', ...vms]);
    await ignite(['rmi', NODE]);
    await igniteOk(['kernel', 'rm', NAME]); // the newest kernel is the default of others
  });

  test('the Debian machine boots with it, and has what programs look for', async (t) => {
    const name = machine;
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

  test('Docker, WireGuard, eBPF and what a Kubernetes node does', async (t) => {
    await prepareNode();
    const flags = ['--kernel', NAME, '--memory', '1GB', '--size', '4GB'];
    await Promise.all(
      [a, b].map((name) => igniteOk(['run', '--name', name, ...flags, NODE], { timeoutMs: BOOT_MS })),
    );

    const docker = await inGuest(a, 'docker.sh');
    t.diagnostic(docker);
    assert.match(docker, /overlay2, cgroups v2/);
    for (const way of ['by name', 'built', 'published'])
      assert.ok(docker.includes(`${way}: hello from a container`), docker);
    const fromHost = await fetch(`http://${await addressOf(a)}:8080/index.html`);
    assert.equal(await fromHost.text(), 'hello from a container\n');

    const pods = await inGuest(a, 'pods.sh');
    t.diagnostic(pods);
    assert.match(
      pods,
      /^pod to pod: two\nservice by iptables: one two one two\nservice by IPVS: (?:one two|two one)$/,
    );

    const keys = await Promise.all(
      [a, b].map((name) => igniteOk(['exec', name, 'sh', '-c', 'wg genkey | tee /root/key | wg pubkey'])),
    );
    const [keyA = '', keyB = ''] = keys.map((key) => key.trim());
    await inGuest(a, 'tunnel.sh', '10.99.0.1', '10.99.0.2', keyB, await addressOf(b));
    await inGuest(b, 'tunnel.sh', '10.99.0.2', '10.99.0.1', keyA, await addressOf(a));
    await igniteOk(['exec', a, 'ping', '-qc2', '-W60', '10.99.0.2']);
    assert.match(await igniteOk(['exec', b, 'wg', 'show', 'wg0', 'transfer']), /\t[1-9]\d*\t[1-9]/);

    t.diagnostic(await inGuest(a, 'bpf.sh'));
    assert.equal(await inGuest(a, 'node.sh'), 'checked');
  });
});
