import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { type ErrorCode, fillSpec, isIgniteError, VM_RECORD_FORMAT, type VmRecord } from '@ignite/api';
import { runFile, stateFile } from './files.ts';
import { createSlots } from './slots.ts';
import { openState } from './state.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-state-'));
});
afterEach(() => rm(folder, { recursive: true }));

const root = () => join(folder, 'lib');
const runRoot = () => join(folder, 'run');
const open = () =>
  openState({ root: root(), runRoot: runRoot(), writer: 'ignite test', bootId: 'b'.repeat(36) });
const hasCode = (code: ErrorCode) => (error: unknown) => isIgniteError(error, code);

function record(uid: string, name: string, slot = 0): VmRecord {
  const spec = fillSpec({ image: { oci: 'ubuntu:24.04' } });
  assert.ok(spec !== undefined);
  return {
    format: VM_RECORD_FORMAT,
    kind: 'VM',
    manager: 'api',
    generation: 1,
    metadata: { name, uid, created: '2026-11-20T10:00:00Z', labels: { a: 'b' } },
    idPrefix: 'ignite',
    spec,
    bound: {
      slot,
      driver: 'qemu',
      imageDigest: 'sha256:1',
      imageUid: '1',
      kernelDigest: 'sha256:2',
      kernelUid: '2',
      mode: 'app',
      nics: [],
      uuid: 'u',
      machineId: 'm',
    },
    sources: { image: { id: 'oci://a', size: 1 }, kernel: { id: 'oci://b', size: 1 } },
    history: { restarts: 0, seeded: false },
  };
}

const A = 'aaaaaaaaaaaaaaaa';
const B = 'bbbbbbbbbbbbbbbb';
const C = 'cccccccccccccccc';

test('the folder for what is removed is there before the disk can be full', async () => {
  await using _state = await open();
  assert.deepEqual(await readdir(join(root(), 'trash')), []);
});

test('a new directory gets an identity and keeps it', async () => {
  const first = await open();
  const { instance } = first;
  assert.match(instance, /^[0-9a-f]{6}$/);
  await first[Symbol.asyncDispose]();
  await using second = await open();
  assert.equal(second.instance, instance);
});

test('a directory of somebody else is left alone', async () => {
  await mkdir(join(root(), 'photos'), { recursive: true });
  await assert.rejects(open(), hasCode('state/not-a-state-directory'));
  assert.deepEqual(await readdir(root()), ['photos']);
});

test('a new directory may hold the run directory of a user without XDG_RUNTIME_DIR', async () => {
  await mkdir(join(root(), 'run'), { recursive: true });
  await using state = await open();
  assert.match(state.instance, /^[0-9a-f]{6}$/);
});

test('a newer format is refused before anything is touched; a newer one that we may read is opened', async () => {
  await mkdir(root());
  const format = { format: 9, minReader: 2, writer: 'ignite 9', instance: 'abcdef', ordinal: 1 };
  await writeFile(join(root(), 'format.json'), JSON.stringify(format));
  await assert.rejects(open(), hasCode('state/newer-format'));
  assert.deepEqual(await readdir(root()), ['format.json']);
  await writeFile(join(root(), 'format.json'), JSON.stringify({ ...format, minReader: 1 }));
  await using state = await open();
  assert.equal(state.instance, 'abcdef');
  assert.equal(state.ordinal, 1);
});

test('a format.json that cannot be read is named', async () => {
  await mkdir(root());
  for (const text of ['', '{', '[]', '{"format":1}']) {
    await writeFile(join(root(), 'format.json'), text);
    await assert.rejects(open(), hasCode('state/record-broken'));
  }
});

test('what an earlier version kept and nothing reads any more is removed', async () => {
  await (await open())[Symbol.asyncDispose]();
  const elsewhere = join(folder, 'elsewhere.cpio');
  await writeFile(elsewhere, 'of somebody else');
  await mkdir(join(root(), 'initrd'));
  await writeFile(join(root(), 'initrd', `${'0'.repeat(64)}.cpio`), 'init');
  await symlink(elsewhere, join(root(), 'initrd', 'link.cpio'));
  await using _state = await open();
  assert.ok(!(await readdir(root())).includes('initrd'));
  assert.equal(await readFile(elsewhere, 'utf8'), 'of somebody else');
});

test('RAC-06: a second opening of one directory is refused', async () => {
  await using _first = await open();
  await assert.rejects(open(), hasCode('state/locked'));
});

test('API-E08: records come back equal, and slots are taken from them', async () => {
  const records = [record(A, 'a', 0), record(B, 'b', 2), record('legacy-uid.x', 'c', 0)];
  const first = await open();
  for (const one of records) await first.vms.put(one);
  await first[Symbol.asyncDispose]();
  await using second = await open();
  const names = (list: readonly VmRecord[]) =>
    list.toSorted((x, y) => (x.metadata.name < y.metadata.name ? -1 : 1));
  assert.deepEqual(names(second.vms.list()), names(records));
  assert.equal(second.slots.take(), 1);
  assert.equal(second.slots.take(), 3);
});

test('API-G03: BUG-04, PS-11: a broken record hides no other and is told with its place', async () => {
  const first = await open();
  for (const uid of [A, B, C]) await first.vms.put(record(uid, uid.slice(0, 1)));
  await first[Symbol.asyncDispose]();
  const path = (uid: string) => stateFile(root(), 'vmRecord', { uid });
  await writeFile(path(A), '{\n  "format": 1,\n  oops\n}');
  await writeFile(path(C), (await readFile(path(C), 'utf8')).replace('"cpus": 1', '"cpus": "1"'));
  await mkdir(dirname(stateFile(root(), 'vmRecord', { uid: 'dddddddddddddddd' })));
  await using second = await open();
  assert.deepEqual(
    second.vms.list().map((one) => one.metadata.uid),
    [B],
  );
  assert.deepEqual(second.vms.uncommitted(), ['dddddddddddddddd']);
  const broken = second.vms.broken().toSorted((x, y) => (x.folder < y.folder ? -1 : 1));
  assert.deepEqual(
    broken.map((one) => one.folder),
    [A, C],
  );
  assert.match(broken[0]?.problem.message ?? '', /line 3, column 3/);
  assert.match(String(broken[1]?.problem.cause), /spec\.cpus/);
});

test('a record of another object is broken', async () => {
  const first = await open();
  await first.vms.put(record(A, 'a'));
  await first[Symbol.asyncDispose]();
  const text = await readFile(stateFile(root(), 'vmRecord', { uid: A }), 'utf8');
  await writeFile(stateFile(root(), 'vmRecord', { uid: A }), text.replace(A, B));
  await using second = await open();
  assert.equal(second.vms.broken().length, 1);
});

test('BUG-16, RAC-01: readers beside a writer always see a whole record', async () => {
  await using state = await open();
  const path = stateFile(root(), 'vmRecord', { uid: A });
  await state.vms.put(record(A, 'n0'));
  let writing = true;
  const reader = async () => {
    let reads = 0;
    while (writing || reads === 0) {
      const document: unknown = JSON.parse(await readFile(path, 'utf8'));
      assert.ok(typeof document === 'object' && document !== null && 'history' in document);
      reads += 1;
    }
  };
  const readers = [reader(), reader()];
  const puts = Array.from({ length: 30 }, (_, index) => state.vms.put(record(A, `n${index}`)));
  await Promise.all(puts);
  writing = false;
  await Promise.all(readers);
  assert.equal(state.vms.get(A)?.metadata.name, 'n29');
  assert.match(await readFile(path, 'utf8'), /"n29"/);
});

test('a record over the limit is refused and the old one stays', async () => {
  await using state = await open();
  await state.vms.put(record(A, 'a'));
  const large = record(A, 'a');
  const put = state.vms.put({ ...large, spec: { ...large.spec, env: ['X='.padEnd(300_000, 'x')] } });
  await assert.rejects(put, hasCode('state/too-large'));
  assert.equal(state.vms.get(A)?.spec.env, undefined);
});

test('remove ends a VM by a rename, frees its slot, and is no error again', async () => {
  await using state = await open();
  await state.vms.put(record(A, 'a', state.slots.take()));
  const journal = await state.vms.journal(A);
  await journal.claim({ kind: 'tap', name: 't' });
  await state.vms.remove(A, 'op1');
  await state.vms.remove(A, 'op1');
  assert.equal(state.vms.get(A), undefined);
  assert.deepEqual(await readdir(stateFile(root(), 'trash', {})), []);
  assert.deepEqual(await readdir(runRoot()), []);
  assert.equal(state.slots.take(), 0);
});

test('a VM that is made again with its UID has a backup again', async () => {
  await using state = await open();
  const backup = join(dirname(stateFile(root(), 'vmRecord', { uid: A })), 'record.bak');
  await state.vms.put(record(A, 'web'));
  const first = await readFile(backup, 'utf8');
  await state.vms.remove(A, 'op1');
  await state.vms.put(record(A, 'web'));
  assert.equal(await readFile(backup, 'utf8'), first);
});

test('the trash of an interrupted removal is swept at the next start', async () => {
  const first = await open();
  await mkdir(stateFile(root(), 'trashed', { uid: A, op: 'op1' }), { recursive: true });
  await first[Symbol.asyncDispose]();
  await using _second = await open();
  assert.deepEqual(await readdir(stateFile(root(), 'trash', {})), []);
});

test('a run folder that no record names is an orphan; its slot stays taken until it is cleared', async () => {
  const first = await open();
  const journal = await first.vms.journal(A);
  await journal.bindSlot(0);
  await journal.claim({ kind: 'tap', name: 't' });
  await first[Symbol.asyncDispose]();
  await using second = await open();
  const [orphan] = await second.orphanSlots();
  assert.ok(orphan !== undefined);
  assert.deepEqual(
    orphan.claims.live().map((claim) => claim.name),
    ['t'],
  );
  assert.equal(second.slots.has(0), true);
  await orphan.claims.gone({ kind: 'tap', name: 't' });
  assert.deepEqual(orphan.claims.live(), []);
  await orphan.clear();
  assert.deepEqual(await second.orphanSlots(), []);
  assert.equal(second.slots.take(), 0);
  await assert.rejects(readFile(runFile(runRoot(), 'claims', { slot: 0 })));
});

test('the slot of a VM that is being removed, or has come meanwhile, is no orphan at any moment', async () => {
  await using state = await open();
  const makeRun = async (slot: number) => {
    const path = runFile(runRoot(), 'slot', { slot });
    for (const name of ['a', 'b', 'c']) await mkdir(join(path, name), { recursive: true });
  };
  const looks: Promise<void>[] = [];
  const look = async () => {
    const found = await state.orphanSlots();
    assert.deepEqual(
      found.map(({ slot }) => slot).filter((slot) => slot !== 2),
      [],
    );
  };
  const each = async (work: Promise<void>) => {
    const done = work.then(() => true);
    const most = looks.length + 300; // on a disk that stands still there are more ticks than looks that can wait
    while (!(await Promise.race([done, tick(false)]))) if (looks.length < most) looks.push(look());
  };
  await state.vms.put(record(A, 'a', 0));
  await makeRun(0);

  await each(state.vms.remove(A, 'op'));
  await each(state.vms.put(record(B, 'b', 1)).then(() => makeRun(1)));

  await makeRun(2);
  const [orphan] = await state.orphanSlots();
  await state.vms.put(record(C, 'c', 2)); // `repair` adopts it
  state.slots.occupy(2);
  await orphan?.clear();
  assert.equal(state.slots.has(2), true);
  assert.deepEqual(await readdir(runFile(runRoot(), 'slot', { slot: 2 })), ['a', 'b', 'c']);
  await Promise.all(looks);
});

test('what a broken VM has is not an orphan, and its slot stays taken', async () => {
  const first = await open();
  await first.vms.put(record(A, 'a', 0));
  await (await first.vms.journal(A)).claim({ kind: 'tap', name: 't' });
  await first[Symbol.asyncDispose]();
  const path = stateFile(root(), 'vmRecord', { uid: A });
  const text = await readFile(path, 'utf8');
  for (const [content, slot] of [
    [text.replace('"manager"', '"boss"'), 0],
    ['', 0],
    ['', undefined],
  ] as const) {
    await writeFile(path, content);
    if (slot === undefined) await rm(stateFile(root(), 'vmBackup', { uid: A }));
    await using state = await open();
    assert.equal(state.vms.broken()[0]?.slot, slot);
    assert.deepEqual(await state.orphanSlots(), []);
    assert.equal(state.slots.take(), 1);
  }
});

test('a create cut before its record was committed leaves a folder that can be undone', async () => {
  const first = await open();
  const uid = 'legacy-uid';
  await first.vms.folder(uid);
  await (await first.vms.journal(uid)).claim({ kind: 'file', name: 'f' });
  const path = stateFile(root(), 'vmRecord', { uid });
  await writeFile(`${path}.tmp`, '{"half": ');
  await first[Symbol.asyncDispose]();
  await using second = await open();
  const [folder = ''] = second.vms.uncommitted();
  const journal = await second.vms.journal(folder);
  assert.deepEqual(
    journal.live().map((claim) => claim.name),
    ['f'],
  );
  await second.vms.remove(folder, 'op1');
  assert.deepEqual(second.vms.uncommitted(), []);
  assert.deepEqual(await readdir(stateFile(root(), 'vms', {})), []);
});

test('slots end', () => {
  const slots = createSlots([1], 3);
  assert.deepEqual([slots.take(), slots.take()], [0, 2]);
  assert.throws(() => slots.take(), hasCode('state/no-slot'));
  slots.free(1);
  assert.equal(slots.take(), 1);
});
