import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandContext } from '../../context.ts';
import { forEach } from './each.ts';

function scene() {
  const [data, warnings]: [string[], string[]] = [[], []];
  const out = { data: (line: string) => data.push(line), warn: (line: string) => warnings.push(line) };
  const stop = new AbortController();
  const context = { out, signal: stop.signal } as unknown as CommandContext;
  return { context, data, warnings, stop };
}

test('some at once: never more, UIDs and errors in the order of the words', async () => {
  const { context, data, warnings } = scene();
  const gates = new Map(['a', 'b', 'c'].map((word) => [word, Promise.withResolvers<void>()]));
  const begun: string[] = [];
  const act = async (word: string) => {
    begun.push(word);
    await gates.get(word)?.promise;
    if (word === 'b') throw new Error('b is broken');
    return word;
  };
  const status = forEach(context, ['a', 'b', 'c'], act, 2);
  assert.deepEqual(begun, ['a', 'b']);
  gates.get('b')?.resolve();
  gates.get('a')?.resolve();
  gates.get('c')?.resolve();
  assert.equal(await status, 1);
  assert.deepEqual(
    [begun, data],
    [
      ['a', 'b', 'c'],
      ['a', 'c'],
    ],
  );
  assert.match(warnings.join(), /b is broken/);
});

test('nothing is begun once it is given up', async () => {
  const { context, stop } = scene();
  const begun: string[] = [];
  const act = async (word: string) => {
    begun.push(word);
    stop.abort(new Error('given up'));
    return word;
  };
  await assert.rejects(forEach(context, ['a', 'b', 'c'], act, 1), /given up/);
  assert.deepEqual(begun, ['a']);
});
