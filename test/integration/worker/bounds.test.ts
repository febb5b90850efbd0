// What the kernel refuses the import worker, whoever the daemon is.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'try-greedy.ts');
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const TIMEOUT_MS = 300_000;

async function assertBounded(prefix: readonly string[], files: number): Promise<void> {
  const words = ['memory', 'processes', 'file', 'limits'];
  const [program = '', ...argv] = [...prefix, process.execPath, '--no-warnings', PROGRAM, ...words];
  const { stdout } = await execute(program, argv, { timeout: TIMEOUT_MS, cwd: '/' });
  const found = JSON.parse(stdout);
  assert.equal(
    found.memory,
    'images/too-large: The import needs more than the 256.0 MB of memory that it may take (imports.maxMemory)',
  );
  assert.equal(found.processes, 'EAGAIN');
  assert.equal(
    found.file,
    'images/too-large: The import writes a file of more than 8.0 GB (imports.maxSize)',
  );
  assert.match(found.limits, /^Max processes +0 +0 /m);
  assert.match(found.limits, /^Max core file size +0 +0 /m);
  assert.match(found.limits, new RegExp(`^Max open files +${files} +${files} `, 'm'));
}

test('the kernel keeps a worker of root to its memory, its files and its one process', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root has a worker with a user of its own');
  await assertBounded([], 1024);
});

test('and that of an ordinary user, who may have been given less', async (t) => {
  if (process.getuid?.() !== 0) return await assertBounded(['prlimit', '--nofile=700:700'], 700);
  const [setpriv = '', ...options] = AS_NOBODY;
  const look = [...options, 'sh', '-c', 'test -r "$0" && test -x "$1"', PROGRAM, process.execPath];
  const readable = await execute(setpriv, look).then(
    () => true,
    () => false,
  );
  if (!readable) return t.skip('the sources lie where only root can read them');
  await assertBounded([...AS_NOBODY, 'prlimit', '--nofile=700:700'], 700);
});
