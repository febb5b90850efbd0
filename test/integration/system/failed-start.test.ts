// A daemon that cannot start ends, and leaves neither its lock nor its sockets.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const MAIN = join(import.meta.dirname, '../../../packages/daemon/src/main.ts');
const TIMEOUT_MS = 120_000;

test('a daemon whose address for metrics is taken says so and is gone, with its sockets', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'failed-start-'));
  t.after(() => rm(folder, { recursive: true }));
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const address = taken.address();
  assert.ok(address !== null && typeof address === 'object');
  const { promise: ended, resolve } = Promise.withResolvers<{ code: unknown; stderr: string }>();
  execFile(
    process.execPath,
    ['--no-warnings', MAIN, '--metrics', `127.0.0.1:${address.port}`],
    {
      env: {
        ...process.env,
        IGNITE_STATE_DIR: join(folder, 'state'),
        IGNITE_RUN_DIR: join(folder, 'run'),
        IGNITE_BIN_DIR: join(import.meta.dirname, '../../../bin'),
      },
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    },
    (error, _stdout, stderr) => resolve({ code: error?.code, stderr }),
  );

  const { code, stderr } = await ended;
  assert.match(stderr, /Metrics cannot be served at 127\.0\.0\.1/);
  assert.equal(code, 1, 'it ends by itself');
  const left = await readdir(join(folder, 'run'));
  assert.deepEqual(
    left.filter((name) => name.endsWith('.sock')),
    [],
  );
});
