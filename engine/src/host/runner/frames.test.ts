import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeKill, encodeRun, type Frame, frameReader } from './frames.ts';

/** The frames in bytes that arrive in pieces of `size`. */
function framesOf(bytes: Buffer, size: number): readonly Frame[] {
  const found: Frame[] = [];
  const read = frameReader((frame) => found.push(frame));
  for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
  return found;
}

test('a request has its stdin first, then what is run', () => {
  const bytes = encodeRun(7, { argv: ['ip', '-batch', '-'], env: { A: 'b' }, input: 'x'.repeat(70_000) });
  assert.ok(bytes !== undefined);
  for (const size of [1_000, 100_000]) {
    const frames = framesOf(bytes, size);
    assert.deepEqual(
      frames.map(({ id, type, payload }) => [id, type, payload.length]),
      [
        [7, 1, 65_536],
        [7, 1, 4_464],
        [7, 2, 4 + 'ip -batch - A=b   '.length],
      ],
    );
    assert.equal(frames[2]?.payload.subarray(4).toString(), 'ip\0-batch\0-\0A=b\0\0\0');
    assert.deepEqual([...(frames[2]?.payload.subarray(0, 4) ?? [])], [3, 0, 1, 0]);
  }
});

test('what a frame cannot hold is not asked for', () => {
  const env = {};
  assert.equal(encodeRun(1, { argv: [''], env }), undefined);
  assert.equal(encodeRun(1, { argv: ['ip', 'a\0b'], env }), undefined);
  assert.equal(encodeRun(1, { argv: ['ip', 'x'.repeat(65_536)], env }), undefined);
  assert.equal(encodeRun(1, { argv: ['ip', ...Array.from({ length: 512 }, () => 'x')], env }), undefined);
});

test('frames are cut at every byte, and nonsense is refused', () => {
  const bytes = Buffer.concat([encodeKill(1, 15), encodeKill(2, 9)]);
  for (const size of [1, 2, 13, 100])
    assert.deepEqual(
      framesOf(bytes, size).map(({ id, payload }) => [id, payload[0]]),
      [
        [1, 15],
        [2, 9],
      ],
    );
  assert.throws(() => framesOf(Buffer.alloc(12, 0xff), 12), /more than a frame/);
});
