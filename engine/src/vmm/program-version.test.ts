import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';
import { versionAsker } from './program-version.ts';

test('a program is asked once; one that did not answer in time, or failed, is asked again', async () => {
  const answers = [
    () => Promise.reject(new IgniteError('host/deadline', 'slow')),
    () => Promise.reject(new IgniteError('host/command-failed', 'its libraries are just being replaced')),
    () => Promise.resolve({ code: 0, stdout: 'version 7\n', stderr: '' }),
  ];
  const commands: Commands = { run: () => answers.shift()?.() ?? assert.fail('asked once more') };
  const ask = versionAsker(commands);
  const { signal } = new AbortController();
  const said = [];
  for (let time = 0; time < 4; time += 1) {
    const answer = await ask(process.execPath, signal);
    said.push(typeof answer === 'string' ? answer : answer.said);
  }
  assert.deepEqual(said, ['', '', 'version 7\n', 'version 7\n']);
});
