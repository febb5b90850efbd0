import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { isIgniteError } from '@ignite/api/errors';
import { openState } from './state.ts';

const MOST = 40;
const ascending = (a: number, b: number) => a - b;

async function world() {
  const folder = await mkdtemp(join(tmpdir(), 'state-ordinal-'));
  const open = (name: string) =>
    openState({
      root: join(folder, name),
      runRoot: join(folder, `${name}-run`),
      writer: 'test',
      engines: join(folder, 'engines'),
    });
  return { folder, open, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test('an engine without VMs gives its number up and takes another where it is gone', async () => {
  await using w = await world();
  const first = await w.open('a');
  await first[Symbol.asyncDispose]();

  await using other = await w.open('b');
  await using again = await w.open('a');

  assert.deepEqual([first.ordinal, other.ordinal, again.ordinal], [0, 0, 1]);
  assert.equal(again.instance, first.instance);
});

test('engines that are made at one moment have numbers of their own', async () => {
  await using w = await world();
  const opening = [w.open('0')];
  const first = opening[0]?.then(() => true);
  while (opening.length < MOST && !(await Promise.race([first, tick(false)])))
    opening.push(w.open(`${opening.length}`));

  const opened = await Promise.all(opening);

  assert.deepEqual(opened.map(({ ordinal }) => ordinal).toSorted(ascending), [...opened.keys()]);
  for (const state of opened) await state[Symbol.asyncDispose]();
});

test('an engine with VMs keeps its number: what it made on the host carries it', async () => {
  await using w = await world();
  const first = await w.open('a');
  await mkdir(join(w.folder, 'a/vms/0123456789abcdef'), { recursive: true });
  await first[Symbol.asyncDispose](); // the folder has no record, so the number is free all the same
  await using _other = await w.open('b');

  await assert.rejects(w.open('a'), (error) => isIgniteError(error, 'state/ordinal-taken'));
});
