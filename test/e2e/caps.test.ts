// Caps of one VM: in its control group, on its drives and its interface; and what a block device is to VMs. One boot, and
// one more for what waits for the next start.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { ignite, igniteOk, inspect, place, readMark, runProgram, runSleeper, vmName } from './world/index.ts';

const MIB = 1 << 20;

/** A file of the VM's control group, in whichever hierarchy has it. */
async function groupFile(vm: string, names: readonly string[]): Promise<string | undefined> {
  const mark = await readMark(place());
  const { bound } = await inspect(vm);
  const mounts = (await readFile('/proc/mounts', 'utf8'))
    .split('\n')
    .filter((line) => / cgroup2? /.test(line));
  for (const line of mounts)
    for (const name of names) {
      const path = `${line.split(' ')[1]}/ignite-${mark?.instance}/${bound?.slot}/${name}`;
      if (existsSync(path)) return (await readFile(path, 'utf8')).trim();
    }
  return undefined;
}

describe('a VM with caps', () => {
  const vm = vmName({ after }, 'capped');
  before(async () => {
    const caps = ['--disk-iops', '200', '--disk-bw', '4MB', '--net-bw', '2MB', '--pids-limit', '300'];
    await runSleeper(vm, [...caps, '--cpu-limit', '1.5', '-m', '256MB']);
  });

  test('its control group limits memory, processor time and processes', async () => {
    const memory = Number(await groupFile(vm, ['memory.max', 'memory.limit_in_bytes']));
    assert.ok(memory > 256 * MIB && memory < 1024 * MIB, `${memory}`);
    assert.equal(await groupFile(vm, ['pids.max']), '300');
    assert.match((await groupFile(vm, ['cpu.max', 'cpu.cfs_quota_us'])) ?? '', /^150000/);
  });

  test('its drive is as slow as it was told', async () => {
    const script = 'dd if=/dev/zero of=/root/x bs=64k count=128 conv=fsync 2>&1';
    const before = performance.now();
    await igniteOk(['exec', vm, 'sh', '-c', script]);
    const seconds = (performance.now() - before) / 1000;
    assert.ok(seconds > 1.2, `8 MiB at 4 MiB a second took ${seconds} s`);
  });

  test('its interface has a rule that drops what is too fast, each way', async () => {
    const mark = await readMark(place());
    const spaces = (await runProgram(['ls', '/run/netns'])).stdout.split('\n');
    const space = spaces.find((name) => name.includes(mark?.instance ?? '-')) ?? '';
    const { stdout } = await runProgram(['ip', 'netns', 'exec', space, 'nft', 'list', 'ruleset']);
    const rules = stdout.match(/limit rate over 2 mbytes\/second.* drop/g);
    assert.equal(rules?.length, 2, stdout);
  });

  test('disk and caps change while it runs; memory waits for the next start, and it is said', async () => {
    const size = ['--disk', '5GB', '--memory', '320MB'];
    const caps = ['--net-bw', '4MB', '--cpu-limit', '1', '--disk-bw', '0', '--disk-iops', '5000'];
    const told = await igniteOk(['update', vm, ...size, ...caps, '--format', 'json']);
    const { live, atNextStart } = JSON.parse(told);
    assert.deepEqual(atNextStart, ['spec.memory']);
    assert.deepEqual(live.toSorted(), [
      'spec.diskSize',
      'spec.resources.cpuLimit',
      'spec.resources.diskBandwidth',
      'spec.resources.diskIops',
      'spec.resources.networkBandwidth',
    ]);
    assert.match((await groupFile(vm, ['cpu.max', 'cpu.cfs_quota_us'])) ?? '', /^100000/);
    const df = await igniteOk(['exec', vm, 'df', '-k', '/']);
    assert.ok(Number(/ (\d+) +\d+ +\d+ +\d+%/.exec(df)?.[1]) > 4_500_000, df);
    assert.deepEqual((await inspect(vm)).status.pending, ['spec.memory']);
    const { code, stderr } = await ignite(['update', vm, '--disk', '1GB']);
    assert.equal(code, 1);
    assert.match(stderr, /cannot become/);

    await igniteOk(['restart', '-t', '1', vm]);
    const total = Number(/MemTotal: +(\d+)/.exec(await igniteOk(['exec', vm, 'cat', '/proc/meminfo']))?.[1]);
    assert.ok(total > 270_000, `${total} KiB`);
    assert.equal((await inspect(vm)).status.pending, undefined);
  });
});
