// Signals to the command line: passed on, cancelling, or leaving (CLI rule 19).
import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { runningVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

test('rule 19: signals go to the command when attached without -t', async () => {
  await using daemon = await startFakeDaemon();
  daemon.guest = async (side) => {
    side.onSignal((signal) => side.exit({ code: signal + 40, oom: false }));
    await side.write('stdout', 'ready\n');
  };
  let send: (name: NodeJS.Signals) => void = () => {};
  const stdout = new Writable({
    write(_piece, _encoding, done) {
      setImmediate(() => send('SIGTERM'));
      done();
    },
  });
  const { code } = await ignite(['run', '-q', 'alpine', 'sleep', '9'], {
    daemon,
    stdout,
    signals: (found) => (send = found),
  });
  assert.equal(code, 55);
});

test('--sig-proxy=false passes no signal on', async () => {
  await using daemon = await startFakeDaemon();
  const sent = Promise.withResolvers<void>();
  daemon.guest = async (side) => {
    side.onSignal((signal) => side.exit({ code: signal + 40, oom: false }));
    await side.write('stdout', 'ready\n');
    await sent.promise;
    side.exit({ code: 7, oom: false });
  };
  let send: (name: NodeJS.Signals) => void = () => {};
  const stdout = new Writable({
    write(_piece, _encoding, done) {
      setImmediate(() => {
        send('SIGTERM');
        sent.resolve();
      });
      done();
    },
  });
  const argv = ['run', '-q', '--sig-proxy=false', 'alpine', 'sleep', '9'];
  const { code } = await ignite(argv, { daemon, stdout, signals: (found) => (send = found) });
  assert.equal(code, 7);
});

test('rule 19: the third Ctrl-C in a row leaves a command that heeds none, and the VM runs on', async () => {
  for (const [argv, ends] of [
    [
      ['run', '-q', '--name', 'deaf', 'alpine', 'sleep', '9'],
      /deaf keeps running: `ignite stop deaf` ends it/,
    ],
    [['exec', 'deaf', 'sleep', '9'], /goes on: `ignite top deaf` shows it/],
  ] as const) {
    await using daemon = await startFakeDaemon();
    if (argv[0] === 'exec') daemon.vms.push(runningVm('deaf'));
    let send: (name: NodeJS.Signals) => void = () => {};
    let heard = 0;
    daemon.guest = async (side) => {
      side.onSignal(() => {
        heard++;
        send('SIGINT');
      });
      await side.write('stdout', 'ready\n');
    };
    const stdout = new Writable({
      write(_piece, _encoding, done) {
        setImmediate(() => send('SIGINT'));
        done();
      },
    });
    const { code, stderr } = await ignite(argv, { daemon, stdout, signals: (found) => (send = found) });
    assert.equal(code, 130);
    assert.match(stderr, ends);
    assert.ok(heard >= 2, `${heard}`);
    assert.equal(daemon.vms.length, 1);
  }
});

test('rule 19: Ctrl-C before the guest runs cancels and removes the VM', async () => {
  await using daemon = await startFakeDaemon();
  let send: (name: NodeJS.Signals) => void = () => {};
  daemon.onStart = async (_vm, aborted) => {
    send('SIGINT');
    await new Promise((resolve) => aborted.addEventListener('abort', resolve));
  };
  daemon.guest = () => {};
  const { code, stderr } = await ignite(['run', 'alpine', 'true'], {
    daemon,
    signals: (found) => (send = found),
  });
  assert.equal(code, 130);
  assert.match(stderr, /Error: Interrupted/);
  assert.equal(daemon.vms.length, 0);
});

test('a Ctrl-C is heard by what reads stdin, which may never end', { timeout: 60_000 }, async () => {
  for (const argv of [
    ['apply', '-f', '-'],
    ['login', '-u', 'joe', '--password-stdin', 'registry.example'],
    ['cp', '-', 'web:/srv'],
  ]) {
    await using daemon = await startFakeDaemon();
    daemon.vms.push(runningVm('web'));
    const stdin = new PassThrough();
    let send: (name: NodeJS.Signals) => void = () => {};
    const ended = ignite(argv, { daemon, stdin, signals: (found) => (send = found) });
    setImmediate(() => send('SIGINT'));
    assert.equal((await ended).code, 130, argv.join(' '));
  }
});
