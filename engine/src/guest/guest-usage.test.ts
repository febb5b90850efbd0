import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeTlv, encodeTlv, tlv, tlvNumber } from '@ignite/api';
import { TAG } from '@ignite/protocol';
import { collectProcesses } from './guest-usage.ts';

/** Answers with so many processes, always with more to come. */
function endless(each: number): (after: number) => Promise<ReturnType<typeof decodeTlv>> {
  return async (after) => {
    const lines = Array.from({ length: each }, (_, n) => tlv(TAG.PROCESS, `${after + n + 1} 0 0 R 0 0 0 x`));
    return decodeTlv(encodeTlv([...lines, tlvNumber(TAG.AFTER, 4, after + each)]));
  };
}

test('a guest that lists processes without end is heard only so far', async () => {
  const many = await collectProcesses(endless(3_000));
  assert.equal(many.complete, false);
  assert.equal(many.items.length, 32_768);
  const few = await collectProcesses(endless(1));
  assert.deepEqual([few.complete, few.items.length], [false, 256]);
});
