// Output that nobody takes: a reader that goes away, as with `… | head`, and a disk that is full.
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { runningVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

const TIMEOUT_MS = 60_000;

/** Takes so many writes, and fails from then on. */
function takes(writes: number, code: string): Writable {
  let left = writes;
  const failure = Object.assign(new Error(`${code}: write`), { code });
  return new Writable({
    write: (_piece, _encoding, done) => done(left-- > 0 ? null : failure),
  });
}

test('a command that goes on when its reader has gone is left: that of exec ends, a VM runs on', {
  timeout: TIMEOUT_MS,
}, async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  daemon.guest = async (side) => {
    for (let count = 0; count < 1000; count++) await side.write('stdout', 'y\n'.repeat(8192));
  };
  const gone = async (...argv: string[]) => ignite(argv, { daemon, stdout: takes(3, 'EPIPE') });
  const [exec, attach, run] = await Promise.all([
    gone('exec', 'web', 'yes'),
    gone('attach', 'web'),
    gone('run', '--rm', '--name', 'pouring', 'alpine', 'yes'),
  ]);
  assert.deepEqual([exec.code, exec.stderr], [141, '']);
  assert.equal(attach.code, 141);
  assert.equal(run.code, 141);
  assert.match(run.stderr, /pouring keeps running: `ignite stop pouring` ends it/);
  assert.ok(daemon.vms.some(({ metadata }) => metadata.name === 'pouring'));
});

test('one that ends by itself keeps its exit code', { timeout: TIMEOUT_MS }, async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  daemon.guest = async (side) => {
    await side.write('stdout', 'a line\n');
    side.exit({ code: 3, oom: false });
  };
  const { code } = await ignite(['exec', 'web', 'ls'], { daemon, stdout: takes(0, 'EPIPE') });
  assert.equal(code, 3);
});

test('a full disk is told, and no success', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  daemon.guest = async (side) => {
    await side.write('stdout', 'a line\n');
    side.exit({ code: 0, oom: false });
  };
  for (const [argv, status] of [
    [['ps'], 1],
    [['exec', 'web', 'ls'], 125],
    [['version'], 1],
  ] as const) {
    const { code, stderr } = await ignite(argv, { daemon, stdout: takes(0, 'ENOSPC') });
    assert.equal(code, status, argv.join(' '));
    assert.match(stderr, /^Error: Not all of the output could be written\n {2}because: ENOSPC/);
  }
  const { code, stderr } = await ignite(['ps'], { daemon, stdout: takes(0, 'EPIPE') });
  assert.deepEqual([code, stderr], [0, '']);
});
