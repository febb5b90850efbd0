import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { isRunning } from './end-daemon.ts';

const DEADLINE_MS = 60_000;

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!(await holds()) && performance.now() < end) await turn();
}

test('a process runs, until it has ended, whether or not its parent has noticed', async () => {
  assert.equal(await isRunning(process.pid), true);
  // The shell becomes a program that waits for none of its children; the child lives until that has happened, as the shell
  // itself would notice its end.
  const script = 'cat <&3 >/dev/null & echo $!; exec cat 3<&-';
  const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] });
  const [stdin, stdout, , childInput] = parent.stdio;
  assert.ok(stdin instanceof Writable && stdout instanceof Readable && childInput instanceof Writable);
  try {
    const [line] = await once(stdout, 'data');
    const pid = Number(String(line));
    const proc = async (id: number | undefined, file: string) =>
      await readFile(`/proc/${id}/${file}`, 'latin1');
    await until(async () => (await proc(parent.pid, 'comm')) === 'cat\n');
    assert.equal(await isRunning(pid), true);
    childInput.end();
    await until(async () => / Z /.test(await proc(pid, 'stat')));
    assert.equal(await isRunning(pid), false);
  } finally {
    childInput.destroy();
    stdin.end();
    await once(parent, 'close');
  }
});
