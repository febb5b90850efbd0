import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isIgniteError } from '@ignite/api/errors';
import fc from 'fast-check';
import { hostClock } from '../host/index.ts';
import { openJournal } from './journal.ts';
import { mendJournalFile, readJournal } from './journal-file.ts';
import { decodeLine, encodeLine } from './journal-line.ts';
import type { Claim, Journal, ResourceKind } from './port.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-journal-'));
});
afterEach(() => rm(folder, { recursive: true }));

const BOOT = '0123456789abcdef';
const lasting = () => join(folder, 'journal');
const bootLived = (slot: number) => join(folder, 'run', String(slot), 'claims');

function open(bootId = BOOT): Promise<Journal> {
  return openJournal({ uid: 'a', lasting: lasting(), bootLived, bootId, clock: hostClock() });
}

const keys = (claims: readonly Claim[]) => claims.map((claim) => `${claim.kind} ${claim.name} ${claim.made}`);

test('claims are written before, made and gone after; a new reader sees the same', async () => {
  const journal = await open();
  await journal.bindSlot(3);
  await journal.begin({ op: 'op1', verb: 'start', generation: 2 });
  await journal.claim({ kind: 'file', name: 'vms/a/disk0.raw' });
  await journal.claim({ kind: 'tap', name: 'ign3' });
  await journal.made({ kind: 'tap', name: 'ign3' });
  await journal.claim({ kind: 'netns', name: 'n' });
  await journal.gone({ kind: 'netns', name: 'n' });
  const again = await open();
  await again.bindSlot(3);
  for (const reader of [journal, again]) {
    assert.deepEqual(keys(reader.live()), ['file vms/a/disk0.raw false', 'tap ign3 true']);
    assert.deepEqual(reader.pending(), { op: 'op1', verb: 'start', generation: 2 });
  }
});

test('a journal whose first write failed before it made the file is written when it can be again', async () => {
  const journal = await open();
  await mkdir(lasting()); // in its way
  await assert.rejects(journal.begin({ op: 'op1', verb: 'start', generation: 1 }));
  await rmdir(lasting());
  await journal.begin({ op: 'op2', verb: 'start', generation: 1 });
  assert.equal((await open()).pending()?.op, 'op2');
});

test('a VM that fails to start again and again does not fill the disk, nor /run, with its journal', async () => {
  const journal = await open();
  await journal.bindSlot(3);
  await journal.claim({ kind: 'file', name: 'vms/a/disk0.raw' });
  const long = 'x'.repeat(3000); // a few of these are as many bytes as a month of failures
  const tap = { kind: 'tap', name: long } as const;
  for (let time = 0; time < 40; time += 1) {
    await journal.begin({ op: `op${time}`, verb: 'start', generation: 1 });
    await journal.claim(tap);
    await journal.gone(tap);
    await journal.failed({ code: 'start/guest-silent', stage: long });
  }
  for (const path of [lasting(), bootLived(3)]) assert.ok((await stat(path)).size < 80 << 10, path);
  assert.deepEqual(keys((await open()).live()), ['file vms/a/disk0.raw false']);
});

test('claims below /run that were damaged are mended, though what was there is kept on another file system', async () => {
  const journal = await open();
  await journal.bindSlot(3);
  await journal.claim({ kind: 'tap', name: 'ign3' });
  await appendFile(bootLived(3), 'nonsense\n');
  const other = await mkdtemp('/dev/shm/ignite-journal-');
  try {
    const kept = join(other, 'journal.broken');
    assert.equal(await mendJournalFile(bootLived(3), kept, hostClock()), true);
    assert.match(await readFile(kept, 'utf8'), /nonsense\n$/);
  } finally {
    await rm(other, { recursive: true });
  }
  const again = await open();
  await again.bindSlot(3);
  assert.deepEqual([keys(again.live()), again.problem], [['tap ign3 false'], undefined]);
});

test('lasting and boot-lived kinds go to their own files', async () => {
  const journal = await open();
  await journal.bindSlot(0);
  await journal.claim({ kind: 'file', name: 'f' });
  await journal.claim({ kind: 'process', name: 'p' }, { pid: 7, startTime: 99 });
  assert.match(await readFile(lasting(), 'utf8'), /"res":"file"/);
  assert.doesNotMatch(await readFile(lasting(), 'utf8'), /process/);
  assert.match(await readFile(bootLived(0), 'utf8'), /"d":{"pid":7,"startTime":99}/);
});

test('a boot-lived claim needs a slot', async () => {
  const journal = await open();
  await assert.rejects(journal.claim({ kind: 'tap', name: 't' }), (error) =>
    isIgniteError(error, 'state/claim-without-slot'),
  );
});

test('claiming, making and dropping again writes nothing', async () => {
  const journal = await open();
  await journal.claim({ kind: 'file', name: 'f' }, { inode: 5 });
  await journal.made({ kind: 'file', name: 'f' });
  const { size } = await stat(lasting());
  await journal.claim({ kind: 'file', name: 'f' }, { inode: 5 });
  await journal.claim({ kind: 'file', name: 'f' });
  await journal.made({ kind: 'file', name: 'f' }, { inode: 5 });
  await journal.gone({ kind: 'file', name: 'other' });
  assert.equal((await stat(lasting())).size, size);
  await journal.claim({ kind: 'file', name: 'f' }, { inode: 6 });
  assert.deepEqual(journal.live()[0]?.data, { inode: 6 });
});

test('done shrinks the files to the live set; failed keeps all', async () => {
  const journal = await open();
  await journal.begin({ op: 'op1', verb: 'create', generation: 1 });
  for (const name of ['a', 'b', 'c']) await journal.claim({ kind: 'file', name });
  await journal.made({ kind: 'file', name: 'b' });
  await journal.gone({ kind: 'file', name: 'a' });
  await journal.failed({ code: 'host/deadline', stage: 'boot' });
  assert.equal(journal.pending(), undefined);
  assert.equal((await readFile(lasting(), 'utf8')).split('\n').length - 1, 7);
  await journal.begin({ op: 'op2', verb: 'create', generation: 1 });
  await journal.done();
  assert.equal((await readFile(lasting(), 'utf8')).split('\n').length - 1, 3);
  const again = await open();
  assert.deepEqual(keys(again.live()), ['file b true', 'file c false']);
  assert.equal(again.pending(), undefined);
  await again.claim({ kind: 'file', name: 'd' });
  assert.deepEqual(keys((await open()).live()), ['file b true', 'file c false', 'file d false']);
});

test('boot-lived claims of another boot are gone without looking, lasting ones are not', async () => {
  const journal = await open();
  await journal.bindSlot(0);
  await journal.claim({ kind: 'tap', name: 't' });
  await journal.claim({ kind: 'file', name: 'f' });
  const again = await open('fedcba9876543210');
  await again.bindSlot(0);
  assert.deepEqual(keys(again.live()), ['file f false']);
});

test('a torn last line is dropped and overwritten', async () => {
  const journal = await open();
  await journal.claim({ kind: 'file', name: 'a' });
  for (const torn of ['0000', '00000000 {"n":2', `${'\0'.repeat(90)}\n`]) {
    await appendFile(lasting(), torn);
    const again = await open();
    assert.equal(again.problem, undefined);
    assert.deepEqual(keys(again.live()), ['file a false']);
  }
  const again = await open();
  await again.claim({ kind: 'file', name: 'b' });
  assert.deepEqual(keys((await open()).live()), ['file a false', 'file b false']);
});

test('any other bad line breaks the journal: what stood before is told, nothing is written', async () => {
  const journal = await open();
  for (const name of ['a', 'b', 'c']) await journal.claim({ kind: 'file', name });
  const text = await readFile(lasting(), 'utf8');
  const lines = text.split('\n');
  const bad = [
    text.replace('"name":"b"', '"name":"x"'),
    `${lines[0]}\n${lines[2]}\n`,
    `${lines[0]}\n\n${lines[1]}\n`,
  ];
  for (const content of bad) {
    await writeFile(lasting(), content);
    const again = await open();
    assert.deepEqual(keys(again.live()), ['file a false']);
    assert.ok(isIgniteError(again.problem, 'state/journal-broken'));
    assert.equal(again.problem.details['line'], 2);
    await assert.rejects(again.claim({ kind: 'file', name: 'd' }), (error) =>
      isIgniteError(error, 'state/journal-broken'),
    );
    await assert.rejects(again.done(), (error) => isIgniteError(error, 'state/journal-broken'));
    assert.equal(await readFile(lasting(), 'utf8'), content);
  }
});

test('a line of more than 4096 bytes is refused', async () => {
  const journal = await open();
  await assert.rejects(journal.claim({ kind: 'file', name: 'x'.repeat(4096) }), (error) =>
    isIgniteError(error, 'state/too-large'),
  );
  await journal.claim({ kind: 'file', name: 'ok' });
  assert.equal((await open()).live().length, 1);
});

test('lines read back as they were, and a changed byte is seen', () => {
  const line = { n: 1, t: 'now', boot: '01234567', op: 'o', k: 'claim', res: 'tap', name: 'ä\n"' } as const;
  const bytes = encodeLine(line);
  assert.deepEqual(decodeLine(bytes.subarray(0, -1)), line);
  for (let at = 0; at < bytes.length - 1; at += 1) {
    const changed = Buffer.from(bytes.subarray(0, -1));
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(typeof decodeLine(changed), 'string');
  }
});

type Action = { readonly k: 'claim' | 'made' | 'gone'; readonly kind: ResourceKind; readonly name: string };

const action: fc.Arbitrary<Action> = fc.record({
  k: fc.constantFrom('claim', 'made', 'gone'),
  kind: fc.constantFrom<ResourceKind>('file', 'volume', 'cni'),
  name: fc.constantFrom('a', 'b', 'c'),
});

/** The live set by the simplest means, to compare with. */
function model(actions: readonly Action[]): string[] {
  const live = new Map<string, boolean>();
  for (const { k, kind, name } of actions) {
    const key = `${kind} ${name}`;
    if (k === 'gone') live.delete(key);
    else live.set(key, k === 'made' || live.get(key) === true);
  }
  return [...live].map(([key, made]) => `${key} ${made}`);
}

test('a crash at any byte leaves the live set of the whole lines before it', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
      const lines = actions.map((one, index) =>
        encodeLine({ n: index + 1, t: '', boot: 'b', op: 'o', k: one.k, res: one.kind, name: one.name }),
      );
      const bytes = Buffer.concat(lines);
      const ends = lines.map((_, index) => Buffer.concat(lines.slice(0, index + 1)).length);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const content = readJournal(bytes.subarray(0, cut));
        const whole = ends.filter((end) => end <= cut).length;
        assert.equal(content.bad, undefined);
        assert.equal(content.n, whole);
        assert.equal(content.goodBytes, ends[whole - 1] ?? 0);
        assert.deepEqual(keys([...content.set.claims.values()]), model(actions.slice(0, whole)));
      }
    }),
    { numRuns: 30 },
  );
});

test('a journal used through its door says what the model says, through restarts and compactions', async () => {
  const step = fc.oneof(
    action,
    fc.constant('restart' as const),
    fc.constant('done' as const),
    fc.constant('torn' as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      await rm(lasting(), { force: true });
      let journal = await open();
      const done: Action[] = [];
      for (const one of steps) {
        if (one === 'done') await journal.done();
        else if (one === 'torn' || one === 'restart') {
          if (one === 'torn') await appendFile(lasting(), '12345678 {"n":');
          journal = await open();
        } else {
          await journal[one.k]({ kind: one.kind, name: one.name });
          done.push(one);
        }
        assert.deepEqual(keys(journal.live()).sort(), model(done).sort());
      }
      assert.deepEqual(keys((await open()).live()).sort(), model(done).sort());
    }),
    { numRuns: 30 },
  );
});
