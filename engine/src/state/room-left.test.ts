import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { requireStartRoom } from './room-left.ts';

test('where there is room nothing is said; a file system that has none is refused by name', async () => {
  await requireStartRoom(tmpdir());
  await assert.rejects(requireStartRoom('/proc'), {
    code: 'state/disk-full',
    message: /of \/proc is full \(0 KiB/,
  });
});
