// What a container is given of the host for a launch.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fewest, viewOf } from './view.ts';

const paths = (wanted: Parameters<typeof fewest>[0]) => fewest(wanted).map(({ path }) => path);

test('what lies in a folder that is there already is not mounted again, unless it may be written', () => {
  const read = (path: string) => ({ path, writable: false });
  const write = (path: string) => ({ path, writable: true });
  assert.deepEqual(paths([read('/usr/lib/x'), read('/usr'), read('/usrlocal')]), ['/usr', '/usrlocal']);
  assert.deepEqual(paths([read('/usr'), write('/usr/vm')]), ['/usr', '/usr/vm']);
  assert.deepEqual(paths([write('/vm/disk0'), write('/vm'), read('/vm/kernel')]), ['/vm']);
  assert.deepEqual(fewest([read('/a'), write('/a')]), [write('/a')]);
});

test('control groups have names of their own, devices are no mounts, and what is not there is passed over', async () => {
  const view = await viewOf({
    slot: 1,
    vmUid: 'u',
    runDirectory: '/run',
    vmDirectory: '/nonexistent/vm',
    logDirectory: '/run',
    argv: ['/qemu'],
    env: {},
    jail: { root: '/run/jail', binds: [], devices: ['/dev/null', '/dev/ptmx'], uses: ['/proc/version'] },
    cgroups: ['/sys/fs/cgroup/ignite/1/cgroup.procs'],
    descriptors: [],
    bootToken: '',
    waitForReader: false,
    log: { maxBytes: 1, files: 1 },
  });
  assert.deepEqual(view.cgroups, ['/cgroup/0/cgroup.procs']);
  const of = (target: string) => view.mounts.find((mount) => mount.target === target);
  assert.deepEqual(of('/cgroup/0')?.source, '/sys/fs/cgroup/ignite/1');
  assert.deepEqual(of('/host-proc'), { source: '/proc', target: '/host-proc', writable: false });
  assert.equal(of('/run')?.writable, true);
  assert.equal(of('/nonexistent/vm'), undefined);
  assert.equal(of('/proc/version')?.writable, false, 'what a jailer uses');
  assert.ok(view.devices.includes('/dev/ptmx') && !view.devices.includes('/dev/null'));
});
