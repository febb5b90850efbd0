import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { limitGroup } from './cgroup-limits.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cgroup-'));
});
afterEach(() => rm(root, { recursive: true }));

/** A group of one hierarchy that has these files. */
async function group(hierarchy: string, files: readonly string[]): Promise<string> {
  const path = join(root, hierarchy, 'ignite-x/0');
  await mkdir(path, { recursive: true });
  for (const file of files) await writeFile(join(path, file), '');
  return path;
}

test('version 1: each hierarchy has its own files; absent limits are taken away', async () => {
  const memory = await group('memory', ['memory.limit_in_bytes']);
  const cpu = await group('cpu', ['cpu.cfs_period_us', 'cpu.cfs_quota_us']);
  const pids = await group('pids', ['pids.max']);
  const read = (path: string) => readFile(path, 'utf8');

  const done = await limitGroup([memory, cpu, pids], { memoryBytes: 1 << 30, cpus: 0.5, pids: 100 });
  assert.deepEqual([...done].toSorted(), ['cpu', 'memory', 'pids']);
  assert.equal(await read(join(memory, 'memory.limit_in_bytes')), '1073741824');
  assert.equal(await read(join(cpu, 'cpu.cfs_quota_us')), '50000');
  assert.equal(await read(join(pids, 'pids.max')), '100');

  await writeFile(join(cpu, 'cpu.cfs_quota_us'), ''); // a file of the kernel is not written over but set
  await limitGroup([cpu], {});
  assert.equal(await read(join(cpu, 'cpu.cfs_quota_us')), '-1');
});

test('version 2: controllers that are offered are passed on first', async () => {
  const path = await group('unified', ['memory.max', 'cpu.max', 'pids.max']);
  for (const above of [join(root, 'unified'), join(root, 'unified/ignite-x')]) {
    await writeFile(join(above, 'cgroup.controllers'), 'cpu memory io');
    await writeFile(join(above, 'cgroup.subtree_control'), '');
  }
  const done = await limitGroup([path], { cpus: 2 });
  assert.deepEqual([...done].toSorted(), ['cpu', 'memory', 'pids']);
  assert.equal(await readFile(join(path, 'cpu.max'), 'utf8'), '200000 100000');
  assert.match(await readFile(join(root, 'unified/cgroup.subtree_control'), 'utf8'), /\+cpu/);
  assert.match(await readFile(join(path, 'memory.max'), 'utf8'), /^max/);
});

test('where there is no controller nothing is limited, silently', async () => {
  assert.deepEqual([...(await limitGroup([await group('none', []), join(root, 'gone')], { pids: 9 }))], []);
});
