// What is made of the words of an ignite-spawn that could not start a VMM.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFailure } from './start.ts';

const launch = { vmUid: 'abc', slot: 3 };

test('its line names the stage', () => {
  const { code, stage, message } = startFailure(launch, 'netns: no such file\n', undefined);
  assert.deepEqual([code, stage], ['supervisor/start-failed', 'netns']);
  assert.match(message, /abc could not be started: no such file$/);
});

test('one that is older than the daemon is told as that', () => {
  const { code, message } = startFailure(launch, 'launch: an unknown key\n', undefined);
  assert.equal(code, 'supervisor/too-old');
  assert.match(message, /ignite-spawn is older/);
});

test('one that says nothing is told, too', () => {
  assert.match(startFailure(launch, '', undefined).message, /the supervisor said nothing/);
});
