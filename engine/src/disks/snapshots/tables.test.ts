import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originTable, parseFills, parseHeldLoops, parseNames, snapshotTable, storeBytes } from './tables.ts';

test('the base is followed by zeros up to the size of the disk', () => {
  assert.equal(originTable('/dev/loop3', 8192, 12288), '0 16 linear /dev/loop3 0\n16 8 zero\n');
  assert.equal(originTable('/dev/loop3', 8192, 8192), '0 16 linear /dev/loop3 0\n');
  assert.equal(
    snapshotTable('/dev/mapper/a-base', '/dev/loop4', 12288),
    '0 24 snapshot /dev/mapper/a-base /dev/loop4 P 8\n',
  );
});

test('a store has room for every chunk, its list and its header', () => {
  assert.equal(storeBytes(4096), 4 * 4096);
  assert.equal(storeBytes(256 * 4096), (256 + 1 + 2) * 4096);
  assert.equal(storeBytes(257 * 4096), (257 + 2 + 2) * 4096);
});

test('what dmsetup says of snapshots; others are passed over', () => {
  const text = [
    'ignite-i1-a: 0 8388608 snapshot 16/8421424 16',
    'ignite-i1-b: 0 8388608 snapshot Invalid',
    'ignite-i2-c: 0 8388608 snapshot 16/8421424 16',
    'No devices found',
  ].join('\n');
  assert.deepEqual(
    [...parseFills(text, 'ignite-i1-')],
    [
      ['ignite-i1-a', { used: 8192, total: 4_311_769_088, broken: false }],
      ['ignite-i1-b', { used: 0, total: 0, broken: true }],
    ],
  );
});

test('names of devices, and loop devices that do not go by themselves', () => {
  assert.deepEqual([...parseNames('a\t(254:0)\na-base\t(254:1)\n')], ['a', 'a-base']);
  assert.deepEqual([...parseNames('No devices found\n')], []);
  assert.deepEqual(parseHeldLoops('/dev/loop0 0\n/dev/loop1 1\n/dev/loop12 0\n'), [
    '/dev/loop0',
    '/dev/loop12',
  ]);
  assert.deepEqual(parseHeldLoops(''), []);
});
