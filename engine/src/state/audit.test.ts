import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAudit } from './audit.ts';

test('one line a request, one file a day, thirty of them', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ignite-audit-'));
  let day = 1;
  const clock = { now: () => new Date(Date.UTC(2026, 0, day, 12)) };
  const audit = createAudit(root, clock, (text) => assert.fail(text));
  const entry = { operation: 'startVm', ref: 'web', uid: 1000, gid: 1000, pid: 7, result: 'ok', ms: 3 };
  for (; day <= 40; day += 1) {
    audit.write(entry);
    audit.write({ operation: 'removeVm', ref: 'web', result: 'vm/running', ms: 1 });
    await audit.flush();
  }
  day = 40;
  const next = createAudit(root, clock, (text) => assert.fail(text)); // a daemon that starts again on the same day
  next.write(entry);
  await next.flush();
  const files = (await readdir(join(root, 'audit'))).toSorted();
  assert.equal(files.length, 30);
  assert.equal(files.at(-1), '2026-02-09.jsonl');
  const [first = '', second = ''] = (await readFile(join(root, 'audit/2026-02-09.jsonl'), 'utf8')).split(
    '\n',
  );
  assert.deepEqual(JSON.parse(first), { time: '2026-02-09T12:00:00.000Z', ...entry });
  assert.equal((JSON.parse(second) as { result: string }).result, 'vm/running');
  await rm(root, { recursive: true });
});

test('a log that cannot be written is reported once and delays nobody', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ignite-audit-'));
  await writeFile(join(root, 'audit'), 'no folder');
  const told: string[] = [];
  const audit = createAudit(root, { now: () => new Date(0) }, (text) => void told.push(text));
  for (let n = 0; n < 3; n += 1) audit.write({ operation: 'ping', result: 'ok', ms: 0 });
  await audit.flush();
  assert.deepEqual(told, ['The audit log cannot be written']);
  await rm(root, { recursive: true });
});
