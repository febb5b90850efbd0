import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createNameTable } from './name-table.ts';

const command = fc.record({
  directory: fc.integer({ min: 1, max: 3 }),
  name: fc.stringMatching(/^[ab]{1,4}$/),
  add: fc.boolean(),
});

test('behaves as a map, whatever is added and deleted', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), fc.nat(), (commands, seed) => {
      const table = createNameTable(seed);
      const model = new Map<string, number>();
      let inode = 10;
      for (const { directory, name, add } of commands) {
        const key = `${directory}/${name}`;
        const entry = table.find(directory, Buffer.from(name));
        assert.equal(entry === 0 ? undefined : table.inode(entry), model.get(key));
        if (add && entry === 0) {
          table.insert(directory, Buffer.from(name), ++inode);
          model.set(key, inode);
        } else if (!add && entry !== 0) {
          table.delete(entry);
          model.delete(key);
        }
      }
      assert.equal(table.count(), model.size);
    }),
    { numRuns: 50 },
  );
});

test('grows to many entries', () => {
  const table = createNameTable(1);
  for (let index = 0; index < 20_000; index++) table.insert(index % 5, Buffer.from(`name-${index}`), index);
  for (let index = 0; index < 20_000; index += 3)
    table.delete(table.find(index % 5, Buffer.from(`name-${index}`)));
  for (let index = 0; index < 20_000; index++) {
    const entry = table.find(index % 5, Buffer.from(`name-${index}`));
    assert.equal(entry === 0, index % 3 === 0);
    if (entry !== 0)
      assert.deepEqual([table.inode(entry), table.name(entry).toString()], [index, `name-${index}`]);
  }
});
