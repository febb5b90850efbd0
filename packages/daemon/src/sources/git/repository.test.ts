import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Commands } from '@ignite/engine';
import { openRepository } from './repository.ts';

test('a list of files that is longer than what is kept of it is no list: nothing is removed for what it lacks', async () => {
  const commands: Commands = {
    run: async (_, { maxOutputBytes = 0 } = {}) => {
      const row = `100644 blob ${'0'.repeat(40)} 1\t${'d/'.repeat(2_000)}vm.yaml\0`;
      return {
        code: 0,
        stdout: row.repeat(maxOutputBytes / row.length + 1).slice(0, maxOutputBytes),
        stderr: '',
      };
    },
  };
  const repository = openRepository({ commands, folder: '/r', url: 'u', environment: {}, timeoutMs: 1 });
  const error = { code: 'source/unreachable', message: /more files/ };
  await assert.rejects(repository.files('HEAD', AbortSignal.timeout(120_000)), error);
});
