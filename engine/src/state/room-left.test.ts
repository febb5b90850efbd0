import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { requireStartRoom } from './room-left.ts';

test('where there is room nothing is said; a file system that has none is refused by name', async () => {
  await requireStartRoom(tmpdir());
  const full = async () => ({ forUsers: 0, forRoot: 4096 });
  await assert.rejects(requireStartRoom('/var/lib/ignite', full), {
    code: 'state/disk-full',
    message: /of \/var\/lib\/ignite is full \(4 KiB/,
  });
});
