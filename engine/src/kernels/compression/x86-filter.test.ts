import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newX86Filter, undoX86 } from './x86-filter.ts';

test('a call target becomes relative to the address behind it', () => {
  // call 0x00000105 (absolute), at address 0 → relative 0x100
  const bytes = Buffer.from([0xe8, 0x05, 0x01, 0x00, 0x00, 0x90, 0x90, 0x90, 0x90, 0x90]);
  const final = undoX86(newX86Filter(), bytes);
  assert.equal(bytes.readInt32LE(1), 0x100);
  assert.ok(final >= 5);
});

test('pieces give what the whole gives', () => {
  const source = Buffer.alloc(4096);
  for (let i = 0; i < source.length; i += 1)
    source[i] = [0xe8, 0x00, 0xff, 0xe9, 0x12, 0x00][(i * 7 + (i >> 3)) % 6] ?? 0;
  const whole = Buffer.from(source);
  undoX86(newX86Filter(), whole);
  for (const size of [5, 6, 17, 1000]) {
    const filter = newX86Filter();
    const out: Buffer[] = [];
    let rest: Buffer = Buffer.alloc(0);
    for (let at = 0; at < source.length; at += size) {
      const bytes = Buffer.concat([rest, source.subarray(at, at + size)]);
      const final = undoX86(filter, bytes);
      out.push(bytes.subarray(0, final));
      rest = bytes.subarray(final);
    }
    assert.ok(Buffer.concat([...out, rest]).equals(whole), `pieces of ${size}`);
  }
});
