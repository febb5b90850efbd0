// What every driver must do, run over each VMM of the lab with its KVM: a command and its exit code, exec, logs, what the
// VMM may do, stop, and nothing left.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { ignite, igniteOk, vmName } from './ignite.ts';

const IMAGE = 'lab:1';
const VMMS = [
  { name: 'firecracker', program: '/usr/local/bin/firecracker', process: 'firecracker' },
  { name: 'qemu', program: '/usr/bin/qemu-system-x86_64', process: 'qemu-system-x86' },
] as const;

for (const vmm of VMMS) {
  const skip = existsSync(vmm.program) ? false : `${vmm.program} is not there`;
  const flags = ['--vmm', vmm.name, '--accel', 'kvm', '--memory', '256M'];

  describe(`${vmm.name} with KVM`, { skip }, () => {
    const name = vmName('steady');
    before(() =>
      igniteOk(['run', '-d', '--name', name, ...flags, IMAGE, 'sh', '-c', 'echo begun; exec sleep 100000']),
    );
    after(async () => void (await ignite(['rm', '-f', name])));

    test('a command’s output and exit code arrive', async () => {
      const script = 'echo out; echo err >&2; exit 42';
      const ended = await ignite(['run', '--rm', ...flags, IMAGE, 'sh', '-c', script]);
      assert.deepEqual([ended.code, ended.stdout], [42, 'out\n'], ended.stderr);
      assert.match(ended.stderr, /^err$/m);
    });

    test('exec and logs', async () => {
      assert.equal(await igniteOk(['exec', name, 'echo', 'inside']), 'inside');
      assert.match(await igniteOk(['logs', name]), /begun/);
    });

    test('the VMM is held: its user, no capabilities, seccomp, its own namespaces, its cgroup', async () => {
      const pids = await processes(vmm.process);
      assert.ok(pids.length > 0, 'no VMM was found');
      for (const pid of pids) await assertHeld(pid);
    });

    test('stop ends it, and nothing of it is left', async () => {
      await igniteOk(['stop', '-t', '1', name]);
      assert.match(await igniteOk(['ps', '-a']), new RegExp(`Stopped.*${name}`));
      assert.deepEqual(await processes(vmm.process), []);
      assert.doesNotMatch(await readFile('/proc/self/mountinfo', 'utf8'), /\/run\/ignite\/\d+\/jail/);
    });
  });
}

async function processes(command: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => names[index]?.trim() === command).map(Number);
}

async function assertHeld(pid: number): Promise<void> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
  assert.ok(Number(field('Uid').split(/\s+/)[0]) >= 100_000, status);
  assert.equal(field('Groups'), '');
  assert.match(field('CapEff'), /^0+$/);
  assert.equal(field('NoNewPrivs'), '1');
  assert.equal(field('Seccomp'), '2');
  for (const kind of ['mnt', 'pid', 'net'])
    assert.notEqual(await readlink(`/proc/${pid}/ns/${kind}`), await readlink(`/proc/self/ns/${kind}`));
  assert.match(await readFile(`/proc/${pid}/cgroup`, 'utf8'), /^0::\/.*\/\d+$/m);
  const names = await readdir(`/proc/${pid}/root`);
  assert.ok(!names.includes('home') && !names.includes('var'), names.join());
}
