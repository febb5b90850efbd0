// `ignite exec` and `ignite cp` beside a command that runs: streams, terminals, signals, codes, files.
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  IGNITE,
  ignite,
  igniteOk,
  inventory,
  openTerminal,
  place,
  runSleeper,
  vmName,
  waitFor,
} from './world/index.ts';

describe('exec and cp', () => {
  const vm = vmName({ after }, 'exec');
  before(() => runSleeper(vm));

  test('stdout, stderr and the exit code arrive, each on its own', async () => {
    const ended = await ignite(['exec', vm, 'sh', '-c', 'echo out; echo err >&2; exit 7']);

    assert.deepEqual([ended.code, ended.stdout, ended.stderr], [7, 'out\n', 'err\n']);
  });

  test('stdin arrives byte for byte, and its end', async () => {
    const bytes = randomBytes(3_000_000);

    const counted = await ignite(['exec', vm, 'wc', '-c'], { stdin: bytes });
    const echoed = await ignite(['exec', vm, 'cat'], { stdin: bytes });

    assert.deepEqual([counted.code, counted.stdout], [0, '3000000\n']);
    assert.ok(echoed.bytes.equals(bytes), `${echoed.bytes.length} bytes came back`);
  });

  for (const [what, command, expected] of [
    ['a command that is not there', ['/no/such'], 127],
    ['a command that cannot be executed', ['/etc/passwd'], 126],
    ['a command that a signal ends', ['sh', '-c', 'kill -TERM $$'], 143],
  ] as const)
    test(`${what} gives ${expected}`, async () => {
      assert.equal((await ignite(['exec', vm, ...command])).code, expected);
    });

  test('signals of the caller reach the command', async () => {
    const script = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done';

    let running = 0;
    const { code } = await ignite(['exec', vm, 'sh', '-c', script], {
      started: (pid) => {
        running = pid;
      },
      printed: (text) => void (text === 'ready\n' && process.kill(running, 'SIGTERM')),
    });

    assert.equal(code, 9);
  });

  test("the words reach the guest as they are, in the image's environment", async () => {
    assert.equal(await igniteOk(['exec', vm, 'printf', '%s|', 'a b', '$HOME', '*']), 'a b|$HOME|*|');
    assert.equal(await igniteOk(['exec', '-e', 'X=1 2', '-w', '/etc', vm, 'echo "$X" $PWD']), '1 2 /etc');
    assert.equal(await igniteOk(['exec', '-u', 'alice', vm, 'id', '-un']), 'alice');
  });

  test('a terminal has its size, is resized, and interrupted', async () => {
    await using terminal = await openTerminal(`${IGNITE} exec -it ${vm} sh`);
    await terminal.shows(/# /);

    terminal.type('stty size\r');
    await terminal.shows(/\n24 80\r/);
    await terminal.resize(40, 132);
    const resized = async () => {
      terminal.type('stty size\r');
      return terminal.shows(/\n40 132\r/, 2_000).catch(() => false as const);
    };
    await waitFor('the guest has the new size', resized);
    // In one process, so that it is in the foreground when it says so.
    terminal.type('sh -c "echo begun; exec sleep 1000"\r');
    await terminal.shows(/\nbegun\r/);
    terminal.type('\u0003');
    terminal.type('echo code $?\r');
    await terminal.shows(/code 130/);
    terminal.type('exit 5\r');

    assert.equal(await terminal.ended, 5);
  });

  test('CP-06, CP-08: a tree copied in and out again is the same', async () => {
    const from = join(place().scratch, 'tree');
    await makeTree(from);
    const wanted = await inventory(from);

    await igniteOk(['cp', from, `${vm}:/root/copied`]);
    await igniteOk(['cp', `${vm}:/root/copied`, join(place().scratch, 'back')]);

    assert.deepEqual(await inventory(join(place().scratch, 'back')), wanted);
  });

  test('a file of /proc that says it is empty is copied whole', async () => {
    const to = join(place().scratch, 'cpuinfo');

    await igniteOk(['cp', `${vm}:/proc/cpuinfo`, to]);

    assert.match(await readFile(to, 'utf8'), /^processor\s*: 0\n/);
  });

  test("the guest's clock keeps the host's time within 1 %", async () => {
    const look = async () => {
      const before = Date.now();
      const guest = Number(await igniteOk(['exec', vm, 'sh', '-c', 'cat /proc/uptime']).then(uptime));
      return { guest, host: (before + Date.now()) / 2000, slack: (Date.now() - before) / 1000 };
    };
    const first = await look();
    // How long the looks took cannot be told from drift: on a busy host there is more time between them.
    const { guest, host, slack } = await waitFor(
      'looks that are short beside what lies between',
      async () => {
        const now = await look();
        const passed = { guest: now.guest - first.guest, host: now.host - first.host };
        const slack = (first.slack + now.slack) / 2;
        return passed.host >= 12 && slack <= 0.05 * passed.host ? { ...passed, slack } : undefined;
      },
    );

    assert.ok(Math.abs(guest - host) <= 0.01 * host + slack, `guest ${guest} s, host ${host} s`);
  });
});

function uptime(text: string): string {
  return text.trim().split('\n').at(-1)?.split(' ')[0] ?? '';
}

async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, 'deep/er'), { recursive: true });
  await mkdir(join(root, 'empty'));
  await writeFile(join(root, 'deep/er/bytes'), randomBytes(700_001));
  await writeFile(join(root, 'nothing'), '');
  await writeFile(join(root, 'a name with blanks and ü'), 'text\n');
  await writeFile(join(root, 'deep/script'), '#!/bin/sh\n');
  await chmod(join(root, 'deep/script'), 0o755);
  await chmod(join(root, 'nothing'), 0o600);
  await chmod(join(root, 'empty'), 0o750);
  await symlink('deep/er/bytes', join(root, 'link'));
  await symlink('/nowhere/at/all', join(root, 'deep/dangling'));
}
