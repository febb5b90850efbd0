// Every form of state that was ever stored is read for ever: a folder each below `fixtures`, as its writer left it. A
// fixture is never changed; a new format gets a new one.
import assert from 'node:assert/strict';
import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeLine } from './journal-line.ts';
import { stateFile } from './files.ts';
import { STATE_FORMAT } from './format.ts';
import { openState } from './state.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const UID = '0123456789abcdef';

test('there is a fixture of every format', async () => {
  const wanted = Array.from({ length: STATE_FORMAT }, (_, index) => `format-${index + 1}`);
  assert.deepEqual((await readdir(FIXTURES)).toSorted(), wanted);
});

for (const fixture of await readdir(FIXTURES))
  test(`${fixture}: everything in it is read, kept when it is written again, and goes on`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ignite-format-'));
    const root = join(folder, 'state');
    await cp(join(FIXTURES, fixture), root, { recursive: true });
    // A journal's lines carry checksums; this is one as format 1 wrote it.
    const line = { n: 1, t: '2026-11-20T10:00:00.000Z', boot: '00000000', op: 'aaaaaaaaaaaa' } as const;
    await appendFile(
      stateFile(root, 'vmJournal', { uid: UID }),
      encodeLine({ ...line, k: 'claim', res: 'file', name: `vms/${UID}/disk0` }),
    );
    const open = () => openState({ root, runRoot: join(folder, 'run'), writer: 'ignite 9.9.9' });
    const first = await open();
    assert.deepEqual(first.vms.broken(), []);
    assert.equal(first.instance, '01a8d0');
    const record = first.vms.get(UID);
    assert.ok(record);
    assert.equal(record.metadata.name, 'first');
    assert.deepEqual([record.spec.memory, record.bound.slot, record.history.restarts], [1 << 30, 7, 1]);
    assert.deepEqual(
      (await first.vms.journal(UID)).live().map(({ name }) => name),
      [`vms/${UID}/disk0`],
    );
    assert.equal(first.events.last(), 2);
    await first.vms.put(record);
    await first[Symbol.asyncDispose]();

    await using second = await open();
    assert.deepEqual(second.vms.get(UID), record);
    second.events.emit({ kind: 'daemon', action: 'start', attributes: {} });
    assert.equal(second.events.last(), 3);
    await rm(folder, { recursive: true });
  });
