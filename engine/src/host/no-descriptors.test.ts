// What becomes of programs that are to be started while this process has no descriptor left: an error each, and the daemon
// goes on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { hostCommands } from './commands.ts';
import { startIsolated } from './isolated-process.ts';
import { startRunner } from './runner/runner.ts';

const NONE = '/no-such-program';
const held: number[] = [];

before(() => {
  const { status } = spawnSync('prlimit', [`--pid=${process.pid}`, '--nofile=128:']);
  assert.equal(status, 0);
  try {
    for (;;) held.push(openSync('/dev/null', 'r'));
  } catch {
    // that was the last one
  }
});
after(() => {
  for (const descriptor of held) closeSync(descriptor);
});

test('a short program is not started, and whoever asked is told', async () => {
  const error = { code: 'host/command-failed', message: /could not be started/ };
  await assert.rejects(hostCommands().run(['true']), error);
});

test('no runner serves, which is told once', async () => {
  const told: string[] = [];
  const runner = startRunner(NONE, { complain: (_, error) => void told.push(String(error)) });
  assert.equal(runner.start({ argv: ['true'], env: {} }, 0), undefined);
  await new Promise(setImmediate);
  assert.match(told.join(), /EMFILE/);
  runner.close();
});

test('a worker is not started, and its `error` is there to be heard', async () => {
  const child = startIsolated({ module: NONE, cut: 'none', heapMiB: 1, descriptors: [] });
  const [error] = await once(child, 'error');
  assert.match(String(error), /EMFILE/);
});
