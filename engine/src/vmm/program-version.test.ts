import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';
import { versionAsker } from './program-version.ts';

test('a program is asked once; one that did not answer in time is asked again', async () => {
  const answers = [
    () => Promise.reject(new IgniteError('host/deadline', 'slow')),
    () => Promise.resolve({ code: 0, stdout: 'version 7\n', stderr: '' }),
  ];
  const commands: Commands = { run: () => answers.shift()?.() ?? assert.fail('asked once more') };
  const ask = versionAsker(commands);
  const { signal } = new AbortController();
  const said = [];
  for (let time = 0; time < 3; time += 1) said.push((await ask(process.execPath, signal))?.said);
  assert.deepEqual(said, ['', 'version 7\n', 'version 7\n']);
});
