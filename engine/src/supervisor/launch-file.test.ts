import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLaunch } from './launch-file.ts';
import type { Launch } from './port.ts';

const launch: Launch = {
  slot: 3,
  vmUid: 'abc',
  runDirectory: '/run/ignite/3',
  vmDirectory: '/var/lib/ignite/vms/abc',
  logDirectory: '/var/lib/ignite/vms/abc/log',
  argv: ['/usr/bin/qemu', '-name', ''],
  env: { LC_ALL: 'C' },
  cgroups: ['/sys/fs/cgroup/x/cgroup.procs'],
  descriptors: [
    { fd: 3, kind: 'console' },
    { fd: 4, kind: 'tap', tap: 'ign0' },
  ],
  bootToken: '00112233445566778899aabbccddeeff',
  waitForReader: true,
  log: { maxBytes: 10_485_760, files: 3 },
};

const text = (value: Launch) => Buffer.from(encodeLaunch(value)).toString().split('\0');

test('a launch as records', () => {
  assert.deepEqual(text(launch), [
    'version=1',
    'slot=3',
    'vm=abc',
    'run=/run/ignite/3',
    'exit=/var/lib/ignite/vms/abc/exit.json',
    'logs=/var/lib/ignite/vms/abc/log',
    'log-max=10485760',
    'log-files=3',
    'token=00112233445566778899aabbccddeeff',
    'wait-reader=1',
    'cgroup=/sys/fs/cgroup/x/cgroup.procs',
    'env=LC_ALL=C',
    'fd=3:console',
    'fd=4:tap:ign0',
    'arg=/usr/bin/qemu',
    'arg=-name',
    'arg=',
    '',
  ]);
});

test('uid, gid, namespace and jail where they are given', () => {
  const jail = {
    root: '/j',
    binds: [{ writable: true, source: '/a', target: '/b' }],
    files: [{ target: '/c', content: '{}' }],
    fileBytes: 4096,
  };
  const records = text({ ...launch, uid: 5, gid: 6, netns: '/n', jail });
  for (const wanted of [
    'uid=5',
    'gid=6',
    'netns=/n',
    'root=/j',
    'bind=rw:/a:/b',
    'file=/c:{}',
    'file-bytes=4096',
  ])
    assert.ok(records.includes(wanted), wanted);
});

test('addresses that are offered by DHCP', () => {
  const offer = {
    tap: 'tap0',
    mac: '02:00:00:00:00:01',
    address: '10.1.0.2',
    prefixLength: 24,
    hostname: 'web',
  };
  const dns = ['10.1.0.1', '10.1.0.3', '10.1.0.4', '10.1.0.5'];
  const records = text({
    ...launch,
    dhcp: [
      { ...offer, gateway: '10.1.0.1', dns },
      { ...offer, dns: [] },
    ],
  });
  assert.ok(
    records.includes('dhcp=tap0 02:00:00:00:00:01 10.1.0.2/24 10.1.0.1 10.1.0.1,10.1.0.3,10.1.0.4 web'),
  );
  assert.ok(records.includes('dhcp=tap0 02:00:00:00:00:01 10.1.0.2/24 - - web'));
});

test('a user network, its rules after its words', () => {
  const userNetwork = {
    argv: ['/usr/bin/passt', '--fd', '3'],
    mac: '02:00:00:00:00:01',
    address: '10.0.2.15',
    dns: '10.0.2.3',
    deny: ['127.0.0.0/8'],
  } as const;
  const records = text({ ...launch, userNetwork, descriptors: [{ fd: 7, kind: 'net' }] });
  assert.deepEqual(
    records.filter((record) => record.includes('net') || record.startsWith('fd=')),
    [
      'net=/usr/bin/passt',
      'net=--fd',
      'net=3',
      'net-from=02:00:00:00:00:01,10.0.2.15',
      'net-dns=10.0.2.3',
      'net-deny=127.0.0.0/8',
      'fd=7:net',
    ],
  );
});

test('a NUL in a value cannot begin a record of its own', () => {
  assert.throws(() => encodeLaunch({ ...launch, argv: ['/x', 'a\0uid=0'] }), {
    code: 'supervisor/bad-launch',
  });
});

test('shared folders: the program once, and a descriptor for each', () => {
  const share = { fd: 9, kind: 'share', source: '/a:b', target: '/run/0/share0', readOnly: true } as const;
  const records = text({
    ...launch,
    folderProgram: ['/usr/lib/virtiofsd', '--fd=3'],
    descriptors: [...launch.descriptors, share],
  });
  for (const record of ['share=/usr/lib/virtiofsd', 'share=--fd=3', 'fd=9:share:ro:/run/0/share0:/a:b'])
    assert.ok(records.includes(record), record);
});
