import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from './check.ts';
import { checks, portCheck } from './checks.ts';
import type { DoctorHost } from './host.ts';
import { runChecks } from './run-checks.ts';

const BOOT = 'b00t';

/** A host on which all is well. */
const good: DoctorHost = {
  env: { HOME: '/root' },
  uid: 0,
  nodeVersion: '24.21.0',
  arch: 'x64',
  kernelRelease: '6.1.0-56-amd64',
  findProgram: (name) => `/usr/bin/${name}`,
  output: async ([program]) =>
    program.endsWith('ignite-spawn') ? 'ignite-spawn, runner 2\n' : 'QEMU emulator version 7.2.22 (Debian)',
  exists: () => true,
  readText: (path) =>
    path.endsWith('boot_id') ? `${BOOT}\n` : path.endsWith('controllers') ? 'cpu memory pids' : '',
  list: () => [],
  openError: () => undefined,
  freeBytes: () => 100 * 2 ** 30,
  portError: async () => undefined,
  ownFolders: ['/opt/ignite'],
};

const without = (...names: readonly string[]): Partial<DoctorHost> => ({
  findProgram: (wanted) => (names.includes(wanted) ? undefined : `/usr/bin/${wanted}`),
});

type Row = readonly [
  what: string,
  check: string,
  host: Partial<DoctorHost>,
  verdict: Verdict,
  text: RegExp,
  mend?: RegExp,
];

const rows: readonly Row[] = [
  ['an old Node', 'node', { nodeVersion: '20.20.2' }, 'failed', /20\.20\.2 is too old/, /^make /],
  ['an old kernel', 'kernel', { kernelRelease: '4.19.0' }, 'failed', /too old/, /dist-upgrade/],
  ['another processor', 'kernel', { arch: 's390x' }, 'failed', /x86_64 or arm64/, /another machine/],
  [
    'no QEMU',
    'qemu',
    without('qemu-system-x86_64', 'firecracker', 'cloud-hypervisor'),
    'failed',
    /not installed/,
    /apt-get install -y qemu-system-x86$/,
  ],
  [
    'no QEMU, but Firecracker and KVM',
    'qemu',
    without('qemu-system-x86_64'),
    'warning',
    /not installed: firecracker runs the VMs/,
    /apt-get install -y qemu-system-x86$/,
  ],
  [
    'no QEMU, and Firecracker without KVM',
    'qemu',
    {
      ...without('qemu-system-x86_64'),
      openError: (path) => (path === '/dev/kvm' ? 'ENOENT' : undefined),
    },
    'failed',
    /not installed/,
  ],
  [
    'an old QEMU',
    'qemu',
    { output: async () => 'QEMU emulator version 4.2.1' },
    'failed',
    /too old/,
    /newer release/,
  ],
  [
    'a QEMU that does not run',
    'qemu',
    { output: async () => undefined },
    'failed',
    /does not tell its version/,
    /--version/,
  ],
  ['no qemu-img', 'qemu-img', without('qemu-img'), 'failed', /not installed/, /qemu-utils/],
  ['no nft', 'nft', without('nft'), 'failed', /not installed/, /nftables/],
  ['no ip', 'ip', without('ip'), 'failed', /not installed/, /iproute2/],
  ['no mkfs.ext4', 'mkfs', without('mkfs.ext4'), 'failed', /not installed/, /e2fsprogs/],
  [
    'no rights on /dev/kvm',
    'kvm',
    { openError: (path) => (path === '/dev/kvm' ? 'EACCES' : undefined) },
    'warning',
    /not yours/,
    /usermod -aG kvm/,
  ],
  ['no /dev/kvm', 'kvm', { exists: (path) => path !== '/dev/kvm' }, 'warning', /no \/dev\/kvm/, /firmware/],
  [
    'a KVM that only pretends',
    'kvm',
    {
      readText: (path) =>
        path.endsWith('host.json') ? `{"bootId":"${BOOT}","kvm":{"trusted":false}}` : BOOT,
    },
    'warning',
    /runs no guest/,
    /nested/,
  ],
  [
    'a KVM that was tried',
    'kvm',
    {
      readText: (path) => (path.endsWith('host.json') ? `{"bootId":"${BOOT}","kvm":{"trusted":true}}` : BOOT),
    },
    'ok',
    /runs guests/,
  ],
  [
    'a verdict of another boot',
    'kvm',
    { readText: (path) => (path.endsWith('host.json') ? '{"bootId":"old","kvm":{"trusted":false}}' : BOOT) },
    'ok',
    /first start/,
  ],
  [
    'no tun',
    'tun',
    { exists: (path) => path !== '/dev/net/tun' },
    'failed',
    /no \/dev\/net\/tun/,
    /modprobe tun/,
  ],
  [
    'a closed tun for a user',
    'tun',
    { uid: 1000, openError: (path) => (path === '/dev/net/tun' ? 'EACCES' : undefined) },
    'warning',
    /not yours/,
    /chmod/,
  ],
  [
    'no cgroups',
    'cgroup',
    { exists: () => false, readText: () => undefined },
    'warning',
    /no cgroups/,
    /mount -t cgroup2/,
  ],
  ['a full disk', 'disk', { freeBytes: () => 2 ** 29 }, 'failed', /only 512\.0 MB free/, /ignite rmi/],
  ['little space', 'disk', { freeBytes: () => 2 * 2 ** 30 }, 'warning', /only 2\.0 GB free/, /ignite rmi/],
  [
    'a native program of another version',
    'programs',
    { output: async () => undefined },
    'warning',
    /ignite-spawn is of another version/,
    /^make install/,
  ],
  ['native programs not built', 'programs', { exists: () => false }, 'failed', /are not built/, /^make/],
  [
    'an ordinary user',
    'root',
    { uid: 1000, exists: () => false, openError: () => 'ENOENT' },
    'ok',
    /not root.*user networks/,
  ],
  [
    'an ordinary user without passt',
    'passt',
    { uid: 1000, openError: () => 'EACCES', ...without('passt') },
    'warning',
    /not installed/,
    /apt-get install -y passt$/,
  ],
  [
    'an ordinary user without user namespaces',
    'passt',
    {
      uid: 1000,
      openError: () => 'ENOENT',
      readText: (path) => (path.endsWith('userns_clone') ? '0\n' : undefined),
    },
    'warning',
    /namespaces/,
    /sysctl kernel\.unprivileged_userns_clone=1$/,
  ],
  ['root without passt', 'passt', without('passt'), 'ok', /only `--network user`/],
  [
    'an ordinary user without nft',
    'nft',
    { uid: 1000, openError: () => 'EACCES', ...without('nft') },
    'ok',
    /not needed/,
  ],
];

test('all is well on a good host', async () => {
  const results = await runChecks(good, checks);
  assert.deepEqual(
    results.filter((result) => result.verdict !== 'ok'),
    [],
  );
});

for (const [what, name, host, verdict, text, mend] of rows)
  test(`doctor: ${what}`, async () => {
    const found = (await runChecks({ ...good, ...host }, checks)).find((result) => result.name === name);
    assert.equal(found?.verdict, verdict);
    assert.match(found.text, text);
    if (mend !== undefined) assert.match(found.mend ?? '', mend);
  });

test('doctor: ports', async () => {
  const taken = await runChecks({ ...good, portError: async () => 'EADDRINUSE' }, [portCheck(80)]);
  assert.deepEqual(
    taken.map(({ verdict, mend }) => [verdict, mend?.includes(':80')]),
    [['failed', true]],
  );
});

test('doctor: a check that throws is a finding', async () => {
  const [found] = await runChecks(good, [{ name: 'x', look: () => Promise.reject(new Error('boom')) }]);
  assert.match(found?.text ?? '', /could not be checked: boom/);
});
