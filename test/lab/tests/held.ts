// What the kernel says of a VMM that runs, judged by docs/security.md.
import assert from 'node:assert/strict';
import { readdir, readFile, readlink } from 'node:fs/promises';

/** First entries of the only paths that a VMM's root may hold: docs/security.md. */
const OWN_FILES = [
  ...['dev', 'disks', 'kernel', 'initrd', 'run'],
  ...['firecracker', 'firecracker.json', 'firecracker.pid', 'metadata.json'],
  ...['lib', 'lib64', 'usr', 'etc'],
];

/** The process of a VMM, as /proc/PID/comm has it: 15 characters (proc(5)). */
export function processOf(vmm: string): string {
  return { firecracker: 'firecracker', 'cloud-hypervisor': 'cloud-hyperviso' }[vmm] ?? 'qemu-system-x86';
}

/** Folder of this host's control groups of VMs. */
export async function group(): Promise<string> {
  const { instance } = JSON.parse(await readFile('/var/lib/ignite/format.json', 'utf8'));
  return `ignite-${instance}`;
}

/** Cloud Hypervisor's first thread only waits for the others and has no filter; each of those has its own. */
async function assertFiltered(pid: number, status: string): Promise<void> {
  if (!/^Name:\s+cloud-hyperviso$/m.test(status)) {
    assert.match(status, /^Seccomp:\s+2$/m);
    return;
  }
  const others = (await readdir(`/proc/${pid}/task`)).filter((thread) => Number(thread) !== pid);
  assert.ok(others.length > 0, 'it has threads');
  for (const thread of others)
    assert.match(await readFile(`/proc/${pid}/task/${thread}/status`, 'utf8'), /^Seccomp:\s+2$/m);
}

/** Its user, no capabilities, seccomp, its own namespaces, its control group, and no file but its own. */
export async function assertHeld(pid: number): Promise<void> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
  assert.ok(Number(field('Uid').split(/\s+/)[0]) >= 100_000, status);
  assert.equal(field('Groups'), '');
  assert.match(field('CapEff'), /^0+$/);
  assert.equal(field('NoNewPrivs'), '1');
  await assertFiltered(pid, status);
  for (const kind of ['mnt', 'pid', 'net'])
    assert.notEqual(await readlink(`/proc/${pid}/ns/${kind}`), await readlink(`/proc/self/ns/${kind}`));
  assert.match(await readFile(`/proc/${pid}/cgroup`, 'utf8'), /^0::\/.*\/\d+$/m);
  const names = await readdir(`/proc/${pid}/root`);
  assert.deepEqual(
    names.filter((name) => !OWN_FILES.includes(name)),
    [],
  );
}
