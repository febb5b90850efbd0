// What a running VMM may see and do, as the kernel tells it, held against the table of docs/security.md.
import assert from 'node:assert/strict';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { findProcesses, igniteOk, place, startSleeper } from './world/index.ts';

const DOCUMENT = resolve(import.meta.dirname, '../../docs/security.md');
/** First entries of the only paths that a VMM's root may hold. */
const OWN_FILES = ['dev', 'disks', 'kernel', 'initrd', 'lib', 'lib64', 'usr', 'etc', 'run'];
const SHARED_FILES = ['ld.so.cache', 'resolv.conf'];

/** One check for each row of the table, by the row's first cell. */
const checks: Readonly<Record<string, (vmm: Vmm) => Promise<void> | void>> = {
  'own user': ({ status }) => {
    for (const id of [...numbers(status, 'Uid'), ...numbers(status, 'Gid')])
      assert.ok(id >= 100_000, `${id}`);
    assert.equal(new Set(numbers(status, 'Uid')).size, 1);
  },
  'no other groups': ({ status }) => assert.equal(status.get('Groups'), ''),
  'no capabilities': ({ status }) => {
    for (const set of ['CapEff', 'CapPrm', 'CapInh', 'CapAmb'])
      assert.match(status.get(set) ?? '', /^0+$/, set);
  },
  'no new rights': ({ status }) => assert.equal(status.get('NoNewPrivs'), '1'),
  'few system calls': ({ status }) => assert.equal(status.get('Seccomp'), '2'),
  'own processes': (vmm) => assertOwn(vmm, 'pid'),
  'own mounts': (vmm) => assertOwn(vmm, 'mnt'),
  'own network': (vmm) => assertOwn(vmm, 'net'),
  'own files': async ({ pid }) => {
    const root = `/proc/${pid}/root`;
    const names = await readdir(root);
    assert.deepEqual(
      names.filter((name) => !OWN_FILES.includes(name)),
      [],
    );
    const shared = names.includes('etc') ? await readdir(join(root, 'etc')) : [];
    assert.deepEqual(
      shared.filter((name) => !SHARED_FILES.includes(name)),
      [],
    );
    await assertMounts(pid);
  },
  'own group': async ({ pid }) => {
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
    assert.match(groups, /\/ignite-[^/]+\/\d+$/m);
  },
};

interface Vmm {
  readonly pid: number;
  readonly status: ReadonlyMap<string, string>;
}

const skip = process.getuid?.() === 0 ? false : 'an ordinary user’s VMM has no jail';

test('every running VMM is held as docs/security.md says', { skip }, async (t) => {
  const name = await startSleeper(t, 'held');
  const rows = await promises();
  assert.deepEqual(rows.toSorted(), Object.keys(checks).toSorted());
  const vmms = await runningVmms();
  assert.ok(vmms.length > 0, 'no VMM was found');
  for (const vmm of vmms)
    for (const row of rows)
      await t.test(`${row} (process ${vmm.pid})`, async () => {
        await checks[row]?.(vmm);
      });
  assert.equal(await igniteOk(['exec', name, 'echo', 'still here']), 'still here');
});

/** First cells of the table of layers. */
async function promises(): Promise<readonly string[]> {
  const [, layers = ''] = (await readFile(DOCUMENT, 'utf8')).split('## Layers of a running VM');
  const [table = ''] = layers.split('\n## ');
  return [...table.matchAll(/^\| ([a-z ]+) \| `/gm)].map(([, cell = '']) => cell);
}

/** Children of the supervisors of this run that execute something else. */
async function runningVmms(): Promise<readonly Vmm[]> {
  const supervisors = (await findProcesses(place().root)).filter(({ line }) => line.includes('ignite-spawn'));
  const pids = await Promise.all(supervisors.map(({ pid }) => childrenOf(pid)));
  return Promise.all(pids.flat().map(async (pid) => ({ pid, status: await statusOf(pid) })));
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

async function statusOf(pid: number): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return new Map(
    text.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}

function numbers(status: ReadonlyMap<string, string>, field: string): readonly number[] {
  return (status.get(field) ?? '').split(/\s+/).map(Number);
}

async function assertOwn({ pid }: Vmm, kind: string): Promise<void> {
  const [own, hosts] = await Promise.all([
    readlink(`/proc/${pid}/ns/${kind}`),
    readlink(`/proc/self/ns/${kind}`),
  ]);
  assert.notEqual(own, hosts);
}

/** Only disks and what the VMM makes itself may be written. */
async function assertMounts(pid: number): Promise<void> {
  const lines = (await readFile(`/proc/${pid}/mountinfo`, 'utf8')).trim().split('\n');
  for (const line of lines) {
    const [, , , , point = '', options = ''] = line.split(' ');
    const words = options.split(',');
    assert.ok(words.includes('nosuid'), line);
    if (point.startsWith('/disks/') || point.startsWith('/dev/')) continue;
    assert.ok(words.includes('ro') || point === '/', line);
  }
}
