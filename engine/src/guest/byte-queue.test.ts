import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createByteQueue } from './byte-queue.ts';

test('what is pushed comes out in its order, whatever the sizes and the turns', () => {
  const turn = fc.oneof(fc.nat({ max: 5_000 }), fc.constantFrom(0, 1, 2), fc.constant(-1));
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 60 }), (turns) => {
      const queue = createByteQueue();
      const pushed: Buffer[] = [];
      const shifted: Uint8Array[] = [];
      let next = 0;
      for (const size of turns) {
        const piece =
          size < 0 ? queue.shift() : Buffer.from(Array.from({ length: size }, () => next++ % 251));
        if (size < 0 && piece !== undefined) shifted.push(Buffer.from(piece));
        if (size < 0 || piece === undefined) continue;
        pushed.push(Buffer.from(piece));
        queue.push(piece);
      }
      for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
        assert.notEqual(piece.length, 0);
        shifted.push(piece);
      }
      assert.equal(queue.empty, true);
      assert.ok(Buffer.concat(shifted).equals(Buffer.concat(pushed)));
    }),
    { numRuns: 200 },
  );
});

test('a window of single bytes waits in few pieces, empty ones in none', () => {
  const queue = createByteQueue();
  for (let i = 0; i < 262_144; i++) {
    queue.push(Uint8Array.of(i));
    queue.push(new Uint8Array(0));
  }
  let [count, bytes] = [0, 0];
  for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
    count++;
    bytes += piece.length;
  }
  assert.equal(bytes, 262_144);
  assert.ok(count < 20, `${count} pieces`);
});
