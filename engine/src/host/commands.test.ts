import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { hostCommands } from './commands.ts';
import { identifyProcess } from './process-identity.ts';
import type { End, Program } from './program.ts';

/** A runner whose programs end as told. */
function ending(end: End, killed: string[] = []) {
  return {
    start: (): Program => ({ end: Promise.resolve(end), kill: (signal) => killed.push(signal) }),
  };
}

const done: End = {
  kind: 'ended',
  code: 0,
  signal: null,
  stdout: Buffer.of(0xff),
  stderr: Buffer.from('said'),
};

test('the runner runs what is short, and tells how it ended', async () => {
  const { run } = hostCommands(ending(done));
  const result = await run(['no-such-program'], { encoding: 'latin1' });
  assert.deepEqual(result, { code: 0, stdout: '\xff', stderr: 'said' });
  const bad = hostCommands(ending({ ...done, code: 2 }));
  await assert.rejects(bad.run(['nft']), { code: 'host/command-failed', message: /exit code 2: said/ });
  assert.equal((await bad.run(['nft'], { okCodes: [2] })).code, 2);
  const missing = Object.assign(new Error('spawn nft ENOENT'), { code: 'ENOENT' });
  await assert.rejects(hostCommands(ending({ kind: 'not-started', cause: missing })).run(['nft']), {
    code: 'host/program-missing',
  });
});

test('what is not known is an error, and nothing is run again', async () => {
  let started = 0;
  const runner = {
    start: (): Program => {
      started += 1;
      return { end: Promise.resolve<End>({ kind: 'lost', why: 'it is gone' }), kill: () => {} };
    },
  };
  await assert.rejects(hostCommands(runner).run(['true']), {
    code: 'host/command-failed',
    message: /not known: it is gone/,
  });
  assert.equal(started, 1);
});

test('what needs a group, or its stderr at once, and what no runner takes are children', async () => {
  const { run } = hostCommands(ending({ kind: 'lost', why: 'not by the runner' }));
  assert.equal((await run(['echo', 'a'], { withChildren: true })).stdout, 'a\n');
  const told: string[] = [];
  await run(['sh', '-c', 'echo b >&2'], { onStderr: (text) => told.push(text) });
  assert.equal(told.join(''), 'b\n');
  assert.equal((await hostCommands({ start: () => undefined }).run(['cat'], { input: 'c' })).stdout, 'c');
});

test('a namespace is the runner’s to enter, or nsenter’s', async () => {
  const asked: unknown[] = [];
  const start = (request: object): Program => {
    asked.push(request);
    return { end: Promise.resolve(done), kill: () => {} };
  };
  await hostCommands({ start }).run(['nft'], { netns: '/n', env: {} });
  assert.deepEqual(asked, [{ argv: ['nft'], env: {}, cwd: undefined, netns: '/n', input: undefined }]);
  await assert.rejects(hostCommands().run(['true'], { netns: '/no/such/namespace' }), {
    code: 'host/command-failed',
    message: /no\/such\/namespace: No such file or directory/,
  });
});

test('a deadline and a cancellation end it, and are what is told', async () => {
  const killed: string[] = [];
  const { promise, resolve } = Promise.withResolvers<End>();
  const stuck = {
    start: (): Program => ({
      end: promise,
      kill: (signal) => {
        killed.push(signal);
        resolve({ ...done, code: null, signal });
      },
    }),
  };
  await assert.rejects(hostCommands(stuck).run(['nft'], { timeoutMs: 1 }), { code: 'host/deadline' });
  assert.deepEqual(killed, ['SIGTERM']);
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(hostCommands(ending(done)).run(['nft'], { signal }), { code: 'host/cancelled' });
});

test('what a cancelled program leaves behind ends with it: later its group may be somebody else’s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] }); // nothing is done some time afterwards
  const stop = new AbortController();
  let left = 0;
  const deaf = "trap '' TERM; echo $$ >&2; exec sleep 1000 </dev/null >/dev/null 2>&1";
  const run = hostCommands().run(['sh', '-c', 'sh -c "$0" & wait', deaf], {
    withChildren: true,
    signal: stop.signal,
    onStderr: (text) => {
      left = Number(text);
      stop.abort();
    },
  });
  await assert.rejects(run, { code: 'host/cancelled' });
  assert.ok(left > 0);
  t.mock.timers.reset();
  const until = performance.now() + 60_000;
  while (identifyProcess(left) !== undefined && performance.now() < until) await delay(5);
  assert.equal(identifyProcess(left), undefined);
});
