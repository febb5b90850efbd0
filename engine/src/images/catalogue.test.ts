import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { hostClock } from '../host/index.ts';
import { setReference } from './catalogue.ts';
import { OCI_MANIFEST } from './media-types.ts';
import type { IndexEntry } from './store/index.ts';

test('a name for an image that a removal took meanwhile is not listed', async () => {
  let entries: readonly IndexEntry[] = [];
  const context = {
    clock: hostClock(),
    newUid: () => '0123456789abcdef',
    index: {
      read: async () => entries,
      change: async (change: (before: readonly IndexEntry[]) => readonly IndexEntry[]) => {
        entries = change(entries);
      },
    },
  };
  const image = { digest: `sha256:${'a'.repeat(64)}`, mediaType: OCI_MANIFEST, size: 1 };
  const tag = (name: string) =>
    setReference(context, `docker.io/library/${name}:latest`, image, { onlyListed: true });
  await assert.rejects(tag('one'), (error) => isIgniteError(error, 'images/not-found'));
  assert.deepEqual(entries, []);
  await setReference(context, 'docker.io/library/one:latest', image);
  await tag('two');
  assert.equal(entries.length, 2);
});
