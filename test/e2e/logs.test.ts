// `ignite logs` and `ignite kill` of a command that runs on its own.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ignite, igniteOk, image, statusOf, vmName, waitFor } from './world/index.ts';

const SCRIPT = `trap 'echo caught >&2; exit 4' USR1
i=0
while :; do i=$((i + 1)); echo line $i; [ $i -ge 5 ] && break; sleep 0.2; done
echo problem >&2
while :; do sleep 0.1; done`;

describe('a command that runs on its own', () => {
  const vm = vmName({ after }, 'logs');
  before(() => igniteOk(['run', '-d', '--name', vm, image('busybox'), 'sh', '-c', SCRIPT]));

  test('LOG-03: stdout and stderr are told apart, tail and timestamps hold', async () => {
    const { stdout, stderr } = await waitFor('all lines, of both streams', async () => {
      const said = await ignite(['logs', vm]);
      return said.stdout.includes('line 5\n') && said.stderr.includes('problem\n') && said;
    });
    assert.deepEqual([stdout, stderr], ['line 1\nline 2\nline 3\nline 4\nline 5\n', 'problem\n']);
    assert.match(await igniteOk(['logs', '-t', vm]), /^20\d\d-\d\d-\d\dT[\d:.]+Z line 1$/m);
    const tail = await ignite(['logs', '--tail', '2', vm]);
    assert.deepEqual([tail.stdout, tail.stderr], ['line 5\n', 'problem\n']);
  });

  test('logs -f goes on until the end, which kill -s brings', async () => {
    const following = ignite(['logs', '-f', vm]);
    await igniteOk(['kill', '-s', 'USR1', vm]);

    const { code, stdout, stderr } = await following;

    assert.equal(code, 0);
    assert.match(stdout, /^line 1\n(.*\n)*line 5\n$/);
    assert.equal(stderr, 'problem\ncaught\n');
    await waitFor('the end is told', async () => (await statusOf(vm))?.startsWith('Stopped (exit 4)'));
  });

  test('LOG-04: the console tells of the boot', async () => {
    assert.match(await igniteOk(['logs', '--console', vm]), /\S/);
  });
});
