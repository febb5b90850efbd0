// `ignite run` with a command: what it prints, and how it ends.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { ignite, image, pushBusybox, registry, vmName } from './world/index.ts';

const CONFIGURED = {
  Entrypoint: ['/bin/sh', '-c'],
  Cmd: ['echo "$GREETING $(id -un):$(id -gn) $(pwd)"'],
  Env: ['PATH=/bin', 'GREETING=hello', 'OTHER=kept'],
  User: 'alice',
  WorkingDir: '/work',
};

describe('a command in a VM', { concurrency: 2 }, () => {
  before(() => pushBusybox(registry(), 'configured', CONFIGURED));

  test("`exit 42` gives 42, with only the command's output on stdout, and stderr apart", async () => {
    const script = 'echo out; echo err >&2; exit 42';

    const { code, stdout, stderr } = await ignite(['run', '--rm', image('busybox'), 'sh', '-c', script]);

    assert.deepEqual({ code, stdout }, { code: 42, stdout: 'out\n' }, stderr);
    assert.match(stderr, /(^|\n)err\n$/);
  });

  test("the image's entrypoint, environment, user and working directory hold", async () => {
    const { code, stdout, stderr } = await ignite(['run', '--rm', image('configured')]);

    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'hello alice:alice /work\n' }, stderr);
  });

  test("the caller's words replace the image's", async () => {
    const flags = ['-e', 'GREETING=bye', '-u', 'root', '-w', '/tmp', '--entrypoint', '/bin/env'];

    const { code, stdout } = await ignite(['run', '--rm', ...flags, image('configured')]);

    assert.equal(code, 0);
    const lines = stdout.split('\n');
    for (const line of ['GREETING=bye', 'OTHER=kept', 'PATH=/bin']) assert.ok(lines.includes(line), stdout);
  });

  test('stdin arrives with -i, and its end', async () => {
    const argv = ['run', '-i', '--rm', image('busybox'), 'wc', '-c'];

    const { code, stdout } = await ignite(argv, { stdin: 'x'.repeat(100_000) });

    assert.deepEqual({ code, stdout }, { code: 0, stdout: '100000\n' });
  });

  for (const [what, command, expected] of [
    ['a command that is not there', ['/no/such'], 127],
    ['a command that cannot be executed', ['/etc/passwd'], 126],
    ['a shell whose command a signal ends', ['sh', '-c', 'sh -c "kill -TERM \\$\\$"; exit $?'], 143],
  ] as const)
    test(`${what} gives ${expected}, and the VM is gone`, async (t) => {
      const name = vmName(t, 'code');

      const { code, stderr } = await ignite(['run', '--rm', '--name', name, image('busybox'), ...command]);

      assert.equal(code, expected, stderr);
      assert.equal((await ignite(['inspect', name])).code, 1);
    });

  test('signals of the caller reach the command', async (t) => {
    const name = vmName(t, 'signal');
    const script = 'trap "echo caught; exit 7" TERM; echo ready; while :; do sleep 0.1; done';
    let running = 0;
    const { code, stdout } = await ignite(['run', '--name', name, image('busybox'), 'sh', '-c', script], {
      started: (pid) => {
        running = pid;
      },
      // What the command prints comes to us by way of the process that is to pass the signal on.
      printed: (text) => void (text === 'ready\n' && process.kill(running, 'SIGTERM')),
    });

    assert.deepEqual({ code, stdout }, { code: 7, stdout: 'ready\ncaught\n' });
  });
});
