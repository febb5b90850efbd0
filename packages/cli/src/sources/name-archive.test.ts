import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api/errors';
import { namingArchive } from './name-archive.ts';

const refused = new IgniteError('images/bad-archive', 'The archive holds no image', { details: { at: 7 } });
const failing = (error: Error) => () => Promise.reject(error);

test('an archive that is refused is named', async () => {
  for (const [word, message] of [
    ['web.tar', 'Cannot take web.tar'],
    ['-', 'Cannot take the archive on stdin'],
  ] as const)
    await assert.rejects(namingArchive(word, failing(refused)), {
      code: 'images/bad-archive',
      message,
      details: { at: 7 },
      cause: refused,
    });
});

test('other failures stay as they are', async () => {
  const other = new IgniteError('cli/file-unreadable', 'The file web.tar cannot be read');
  await assert.rejects(namingArchive('web.tar', failing(other)), (error) => error === other);
  assert.equal(await namingArchive('web.tar', () => Promise.resolve(1)), 1);
});
