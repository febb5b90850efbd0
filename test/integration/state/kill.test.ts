// A daemon that is killed while it writes: whatever moment it was, the next one finds every record whole, every
// journal readable, and nothing claimed that was told to be gone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { openState } from '../../../engine/src/state/index.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-kill-'));
});
after(() => rm(folder, { recursive: true }));

const options = () => ({ root: join(folder, 'lib'), runRoot: join(folder, 'run'), writer: 'test' });

/** Makes, changes and removes VMs for ever, and says each step that is lasting. */
const WRITER = `
  import { fillSpec, VM_RECORD_FORMAT } from '${new URL('../../../packages/api/src/index.ts', import.meta.url)}';
  import { openState } from '${new URL('../../../engine/src/state/index.ts', import.meta.url)}';
  const state = await openState(JSON.parse(process.argv[1]));
  const bound = (slot) => ({ slot, driver: 'qemu', imageDigest: 'x', imageUid: 'x', kernelDigest: 'x', kernelUid: 'x',
    mode: 'app', nics: [], uuid: 'u', machineId: 'm' });
  const record = (uid, slot, generation) => ({ format: VM_RECORD_FORMAT, kind: 'VM', manager: 'api', generation,
    metadata: { name: 'a', uid, created: '2026-11-20T10:00:00Z' }, idPrefix: 'ignite',
    spec: fillSpec({ image: { oci: 'a:b' }, env: ['X=' + 'x'.repeat(20_000)] }), bound: bound(slot),
    sources: { image: { id: 'a', size: 1 }, kernel: { id: 'a', size: 1 } }, history: { restarts: 0, seeded: false } });
  for (let round = 1; ; round += 1) {
    const uid = (Number(process.argv[2]) * 100_000 + round).toString(16).padStart(16, '0');
    const slot = state.slots.take();
    const journal = await state.vms.journal(uid);
    await journal.bindSlot(slot);
    await journal.begin({ op: 'create', verb: 'create', generation: 1 });
    for (const name of ['a', 'b']) await journal.claim({ kind: 'file', name });
    await journal.claim({ kind: 'tap', name: 't' });
    await state.vms.put(record(uid, slot, 1));
    await journal.done();
    console.log('made', uid);
    await state.vms.put(record(uid, slot, 2));
    await journal.gone({ kind: 'file', name: 'a' });
    await journal.begin({ op: 'rm', verb: 'rm', generation: 2 });
    if (round % 2 === 0) {
      await state.vms.remove(uid, 'rm');
      console.log('removed', uid);
    }
  }
`;

/** Lets a writer work until it has said `steps` lines, then kills it; what it said by then. */
async function killedAfter(steps: number, round: number): Promise<readonly string[]> {
  const argv = ['--input-type=module-typescript', '-e', WRITER, JSON.stringify(options()), String(round)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === steps) child.kill('SIGKILL');
  }
  await exited;
  return said;
}

test('kill -9 at any moment', { timeout: 900_000 }, async () => {
  const made = new Set<string>();
  const removed = new Set<string>();
  for (const [round, steps] of [1, 2, 5, 11].entries()) {
    for (const line of await killedAfter(steps, round + 1)) {
      const [what, uid = ''] = line.split(' ');
      (what === 'made' ? made : removed).add(uid);
    }
    await using state = await openState(options());
    assert.deepEqual(state.vms.broken(), []);
    for (const uid of made) if (!removed.has(uid)) await checkVm(state, uid);
    for (const uid of removed) assert.equal(state.vms.get(uid), undefined);
    for (const name of state.vms.uncommitted()) {
      assert.equal((await state.vms.journal(name)).problem, undefined);
      await state.vms.remove(name, 'undo');
    }
    for (const orphan of await state.orphanSlots()) await orphan.clear();
    assert.deepEqual(await readdir(join(folder, 'lib', 'trash')).catch(() => []), []);
    const slots = state.vms.list().map((record) => record.bound.slot);
    assert.equal(new Set(slots).size, slots.length);
  }
});

async function checkVm(state: Awaited<ReturnType<typeof openState>>, uid: string): Promise<void> {
  const record = state.vms.get(uid);
  const journal = await state.vms.journal(uid);
  assert.equal(journal.problem, undefined);
  if (record === undefined) {
    assert.equal(Number.parseInt(uid, 16) % 2, 0); // only every second one is removed, maybe without a word
    return;
  }
  assert.equal(record.spec.env?.[0]?.length, 20_002);
  const names = journal.live().map((claim) => claim.name);
  assert.ok(names.includes('b') && names.includes('t'));
  if (journal.pending()?.verb === 'rm') assert.ok(!names.includes('a'));
}
