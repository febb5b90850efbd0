// The lock between processes: a second one is refused and told who holds it; `kill -9` frees it; children of the
// holder do not keep it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isIgniteError } from '@ignite/api/errors';
import { lockHolder, openState } from '../../../engine/src/state/index.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-lock-'));
});
after(() => rm(folder, { recursive: true }));

const options = () => ({ root: join(folder, 'lib'), runRoot: join(folder, 'run'), writer: 'test' });

/** A process that opens the state directory, starts a child that outlives it, and says so. */
const HOLDER = `
  import { spawn } from 'node:child_process';
  import { openState } from '${new URL('../../../engine/src/state/index.ts', import.meta.url)}';
  await openState(JSON.parse(process.argv[1]));
  const child = spawn('/bin/sleep', ['600'], { stdio: 'ignore', detached: true });
  console.log(child.pid);
  setInterval(() => {}, 1000);
`;

test('kill -9 of the holder frees the lock though its child lives on', { timeout: 300_000 }, async () => {
  const holder = spawn(
    process.execPath,
    ['--input-type=module-typescript', '-e', HOLDER, JSON.stringify(options())],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(holder, 'exit');
  const [line] = await once(holder.stdout, 'data');
  const child = Number(String(line));
  try {
    assert.equal(lockHolder(join(folder, 'lib', 'lock')), holder.pid);
    await assert.rejects(
      openState(options()),
      (error) =>
        isIgniteError(error, 'state/locked') &&
        error.details['pid'] === holder.pid &&
        error.message.includes(`pid ${holder.pid}`),
    );
    holder.kill('SIGKILL');
    await exited;
    assert.doesNotThrow(() => process.kill(child, 0));
    await using state = await openState(options());
    assert.equal(lockHolder(join(state.root, 'lock')), process.pid);
  } finally {
    holder.kill('SIGKILL');
    process.kill(child, 'SIGKILL');
  }
});
