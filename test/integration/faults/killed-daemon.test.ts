// A real daemon that kills itself with SIGKILL at a chosen record (`IGNITE_FAULT=kill@N`, which releases do not have), while it
// makes a volume for a client: the next daemon has the volume whole or not at all, and makes it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient } from '@ignite/client';
import { eventually } from '../supervisor/world.ts';

const MAIN = join(import.meta.dirname, '../../../packages/daemon/src/main.ts');
const VOLUME = { name: 'victim', size: '40MB' } as const;
/** Before and after begin, claim, made, the record and done. */
const POINTS = [1, 4, 7, 8];

describe('kill@N', () => {
  let root: string;
  const started: ChildProcess[] = [];
  const client = () => createClient({ socketPath: join(root, 'run/ignited.sock') });

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'ignite-killed-'));
  });
  after(async () => {
    for (const child of started) child.kill('SIGKILL'); // one that has ended gets nothing
    await rm(root, { recursive: true, force: true });
  });

  /** Settles when the daemon answers. */
  async function start(fault?: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['--no-warnings', MAIN], {
      stdio: 'ignore',
      env: {
        ...process.env,
        IGNITE_STATE_DIR: join(root, 'state'),
        IGNITE_RUN_DIR: join(root, 'run'),
        IGNITE_BIN_DIR: join(import.meta.dirname, '../../../bin'),
        ...(fault === undefined ? {} : { IGNITE_FAULT: fault }),
      },
    });
    started.push(child);
    const answers = () =>
      client()
        .version()
        .then(
          () => true,
          () => false,
        );
    await eventually(answers, (yes) => yes || child.exitCode !== null || child.signalCode !== null);
    assert.equal(child.exitCode, null, 'the daemon runs');
    return child;
  }

  for (const point of POINTS)
    test(`at point ${point}`, async () => {
      const killed = await start(`kill@${point}`);
      const gone = once(killed, 'exit');
      await assert.rejects(client().createVolume(VOLUME));
      const [, signal] = await gone;
      assert.equal(signal, 'SIGKILL');

      const next = await start();
      const there = (await client().listVolumes()).length;
      assert.equal((await readdir(join(root, 'state/volumes'))).length, there);
      const made = await client().createVolume(VOLUME);
      await client().removeVolume(made.metadata.uid);
      assert.deepEqual(await readdir(join(root, 'state/volumes')), []);
      const ended = once(next, 'exit');
      next.kill('SIGTERM');
      await ended;
    });
});
