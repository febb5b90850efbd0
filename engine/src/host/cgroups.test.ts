import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createCgroups, hierarchies, removeLostGroup } from './cgroups.ts';

/** A line of mountinfo; a hierarchy is one device, wherever it is mounted. */
const line = (point: string, type: string, options: string, device = point) =>
  `36 35 ${device} / ${point} rw,relatime shared:9 - ${type} cgroup rw,${options}\n`;

test('version 2 counts, of version 1 only what limits memory, cpu and processes', () => {
  const mounts =
    line('/sys/fs/cgroup/memory', 'cgroup', 'memory') +
    line('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'cpu,cpuacct') +
    line('/sys/fs/cgroup/freezer', 'cgroup', 'freezer') +
    line('/sys/fs/cgroup/unified', 'cgroup2', 'nsdelegate') +
    line('/', 'ext4', 'errors=remount-ro');

  assert.deepEqual(hierarchies(mounts), [
    '/sys/fs/cgroup/memory',
    '/sys/fs/cgroup/cpu,cpuacct',
    '/sys/fs/cgroup/unified',
  ]);
});

test('a hierarchy that is mounted again, in a chroot or over itself, counts once', () => {
  const mounts =
    line('/sys/fs/cgroup/memory', 'cgroup', 'memory', '0:31') +
    line('/sys/fs/cgroup/unified', 'cgroup2', '', '0:32') +
    line('/sys/fs/cgroup/memory', 'cgroup', 'memory', '0:31') +
    line('/srv/chroot/sys/fs/cgroup/memory', 'cgroup', 'memory', '0:31') +
    line('/srv/chroot/sys/fs/cgroup/unified', 'cgroup2', '', '0:32');

  assert.deepEqual(hierarchies(mounts), ['/sys/fs/cgroup/memory', '/sys/fs/cgroup/unified']);
});

test('a group is made in each hierarchy and removed with its empty parent', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cgroups-'));
  const points = ['a', 'b'].map((name) => join(folder, name));
  for (const point of points) await mkdir(point);
  const mountInfo = points.map((point) => line(point, 'cgroup2', '')).join('');
  const cgroups = createCgroups({ parent: 'ignite-x', mountInfo });

  const files = await cgroups.make('7');
  await cgroups.make('7');
  await cgroups.remove('7');
  await cgroups.remove('7');

  assert.deepEqual(
    files,
    points.map((point) => join(point, 'ignite-x/7/cgroup.procs')),
  );
  for (const point of points) assert.deepEqual(await readdir(point), []);
  await rm(folder, { recursive: true });
});

test('with a unit for VMs new groups of version 2 are made there, and older ones at the top are still looked after', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cgroups-'));
  const [unified, memory, unit] = [
    join(folder, 'unified'),
    join(folder, 'memory'),
    join(folder, 'unified/u.service'),
  ];
  for (const point of [memory, unit]) await mkdir(point, { recursive: true });
  const mountInfo = line(memory, 'cgroup', 'memory') + line(unified, 'cgroup2', '');
  await createCgroups({ parent: 'ignite-x', mountInfo }).make('3');
  const cgroups = createCgroups({ parent: 'ignite-x', mountInfo, unit });

  const files = await cgroups.make('7');

  assert.deepEqual(files, [join(memory, 'ignite-x/7/cgroup.procs'), join(unit, 'ignite-x/7/cgroup.procs')]);
  assert.deepEqual((await cgroups.names()).toSorted(), ['3', '7']);
  for (const name of ['3', '7']) await cgroups.remove(name);
  assert.deepEqual(
    [await readdir(unified), await readdir(unit), await readdir(memory)],
    [['u.service'], [], []],
  );
  await rm(folder, { recursive: true });
});

test('a group that another program has lost goes from every hierarchy, with what others have beside it left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cgroups-'));
  const points = ['cpuset', 'memory', 'unified', 'elsewhere'].map((name) => join(folder, name));
  for (const point of points) await mkdir(join(point, 'runtime/lost'), { recursive: true });
  await mkdir(join(points[1] ?? '', 'runtime/lost/inner')); // stands for what is not empty
  const kinds = ['cgroup', 'cgroup', 'cgroup2', 'tmpfs'];
  const mountInfo = points.map((point, index) => line(point, kinds[index] ?? '', 'cpuset')).join('');
  await removeLostGroup('runtime/lost', mountInfo);
  await removeLostGroup('runtime/never', mountInfo);
  const left = await Promise.all(points.map((point) => readdir(join(point, 'runtime'))));
  assert.deepEqual(left, [[], ['lost'], [], ['lost']]);
  await rm(folder, { recursive: true });
});
