import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { isRunning } from './end-daemon.ts';

test('a process runs, until it has ended, whether or not its parent has noticed', async () => {
  assert.equal(await isRunning(process.pid), true);
  // The shell becomes a program that waits for none of its children.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    const isZombie = async () => / Z /.test(await readFile(`/proc/${pid}/stat`, 'latin1'));
    const until = performance.now() + 60_000;
    while (!(await isZombie()) && performance.now() < until) await turn();
    assert.equal(await isRunning(pid), false);
  } finally {
    parent.stdin.end();
    await once(parent, 'close');
  }
});
