import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBlockAllocator, markBits, placeFresh } from './block-allocator.ts';
import { BLOCKS_PER_GROUP, fixedBlocks, hasSuperblock } from './layout.ts';

test('superblocks are copied where sparse_super says', () => {
  const groups = Array.from({ length: 130 }, (_none, group) => group).filter(hasSuperblock);
  assert.deepEqual(groups, [0, 1, 3, 5, 7, 9, 25, 27, 49, 81, 125]);
});

test('bits are marked exactly', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), (start, count) => {
      const bitmap = Buffer.alloc(64);
      markBits(bitmap, start, count, true);
      for (let bit = 0; bit < 512; bit++) {
        const set = ((bitmap[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
        assert.equal(set, bit >= start && bit < start + count);
      }
      markBits(bitmap, start, count, false);
      assert.ok(bitmap.every((byte) => byte === 0));
    }),
  );
});

const isFixed = (block: number): boolean =>
  block % BLOCKS_PER_GROUP < fixedBlocks(Math.floor(block / BLOCKS_PER_GROUP));

test('fresh runs never touch fixed blocks', () => {
  fc.assert(
    fc.property(fc.nat(5 * BLOCKS_PER_GROUP), fc.integer({ min: 1, max: 3000 }), (from, count) => {
      const start = placeFresh(from, count);
      assert.ok(start >= from);
      for (let block = start; block < start + count; block++) assert.ok(!isFixed(block));
    }),
    { numRuns: 30 },
  );
});

const command = fc.oneof(
  fc.record({ kind: fc.constant('allocate' as const), count: fc.integer({ min: 1, max: 40_000 }) }),
  fc.record({ kind: fc.constant('fresh' as const), count: fc.integer({ min: 1, max: 900 }) }),
  fc.record({ kind: fc.constant('free' as const), count: fc.nat(10) }),
);

test('no block is handed out twice, freed ones come again, and the count is right', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
      const allocator = createBlockAllocator(100 * BLOCKS_PER_GROUP);
      const owned = new Set<number>();
      const runs: { start: number; count: number }[] = [];
      const take = (start: number, count: number): void => {
        for (let block = start; block < start + count; block++) {
          assert.ok(!owned.has(block) && !isFixed(block) && block < allocator.next());
          owned.add(block);
        }
        runs.push({ start, count });
      };
      for (const { kind, count } of commands) {
        if (kind === 'allocate') {
          const run = allocator.allocate(count);
          assert.ok(run.count >= 1 && run.count <= count);
          take(run.start, run.count);
        } else if (kind === 'fresh') take(allocator.allocateFresh(count), count);
        else {
          const [run] = runs.splice(count % Math.max(1, runs.length), 1);
          if (run === undefined) continue;
          allocator.free(run.start, run.count);
          for (let block = run.start; block < run.start + run.count; block++) owned.delete(block);
          const again = allocator.allocate(1);
          assert.ok(again.start <= run.start);
          take(again.start, 1);
        }
      }
      let fixed = 0;
      for (let block = 0; block < allocator.next(); block++) if (isFixed(block)) fixed++;
      assert.equal(allocator.used(), owned.size + fixed);
    }),
    { numRuns: 15 },
  );
});

test('an image that would grow beyond its limit is refused', () => {
  const allocator = createBlockAllocator(10);
  allocator.allocate(8);
  assert.throws(() => allocator.allocate(1), { code: 'ext4/too-large' });
});
