// Volumes as files: what e2fsck says of them, and what is left of them when a daemon is killed while it makes them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { openVolumes, type Volumes } from '../../../engine/src/disks/index.ts';
import { hostClock, hostCommands } from '../../../engine/src/host/index.ts';
import { openState } from '../../../engine/src/state/index.ts';

const { signal } = new AbortController();
const MIB = 1 << 20;
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-volumes-'));
});
after(() => rm(folder, { recursive: true }));

const options = () => ({ root: join(folder, 'lib'), runRoot: join(folder, 'run'), writer: 'test' });

async function opened<T>(work: (volumes: Volumes) => Promise<T>): Promise<T> {
  await using state = await openState(options());
  const complain = (text: string, error: unknown) => assert.fail(`${text}: ${String(error)}`);
  return await work(await openVolumes({ store: state.volumes, clock: hostClock(), complain }));
}

test('volumes of every size are clean, and so they are when the file has grown', async () => {
  const commands = hostCommands();
  await opened(async (volumes) => {
    for (const bytes of [32 * MIB, 300 * MIB, 10 * 1024 * MIB, 1024 * 1024 * MIB]) {
      const { metadata } = await volumes.create({ bytes }, signal);
      const path = volumes.path(metadata.uid);
      await commands.run(['e2fsck', '-fn', path], { signal });
      assert.ok((await volumes.allocated(metadata.uid)) < 200 * MIB, `${bytes}`);
      await volumes.grow(metadata.uid, bytes + 64 * MIB);
      await commands.run(['e2fsck', '-fn', path], { signal });
      await volumes.remove(metadata.uid, () => false);
    }
  });
});

/** Makes, grows and removes volumes for ever, and says each step that is lasting. */
const WRITER = `
  import { openVolumes } from '${new URL('../../../engine/src/disks/index.ts', import.meta.url)}';
  import { hostClock } from '${new URL('../../../engine/src/host/index.ts', import.meta.url)}';
  import { openState } from '${new URL('../../../engine/src/state/index.ts', import.meta.url)}';
  const state = await openState(JSON.parse(process.argv[1]));
  const volumes = await openVolumes({ store: state.volumes, clock: hostClock(), complain: () => {} });
  const { signal } = new AbortController();
  for (let round = 0; ; round += 1) {
    const name = 'v' + process.argv[2] + '-' + round;
    const { metadata } = await volumes.create({ name, bytes: 64 << 20 }, signal);
    console.log('made', name);
    await volumes.grow(metadata.uid, 80 << 20);
    console.log('grown', name);
    if (round % 2 === 1) {
      await volumes.remove(metadata.uid, () => false);
      console.log('removed', name);
    }
  }
`;

async function killedAfter(steps: number, round: number): Promise<readonly string[]> {
  const argv = ['--input-type=module-typescript', '-e', WRITER, JSON.stringify(options()), String(round)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === steps) child.kill('SIGKILL');
  }
  await exited;
  return said;
}

test('kill -9 at any moment: what was told to be there is there whole, and nothing half made', async () => {
  const sizes = new Map<string, number>();
  const doubtful = new Set<string>();
  for (const [round, steps] of [1, 2, 4, 9].entries()) {
    for (const line of await killedAfter(steps, round)) {
      const [what = '', name = ''] = line.split(' ');
      if (what === 'removed') sizes.delete(name);
      else sizes.set(name, what === 'grown' ? 80 * MIB : 64 * MIB);
      // The last one of a round may be removed without a word.
      if (what === 'grown' && /[13579]$/.test(name)) doubtful.add(name);
    }
    await opened(async (volumes) => {
      for (const [name, least] of sizes) {
        const found = volumes.list().find((record) => record.metadata.name === name);
        if (found === undefined) assert.ok(doubtful.has(name), name);
        else {
          assert.ok(found.spec.size >= least);
          await hostCommands().run(['e2fsck', '-fn', volumes.path(found.metadata.uid)], { signal });
        }
      }
      const folders = await readdir(join(folder, 'lib/volumes'));
      assert.deepEqual(
        folders.toSorted(),
        volumes
          .list()
          .map((one) => one.metadata.uid)
          .toSorted(),
      );
    });
    assert.deepEqual(await readdir(join(folder, 'lib/trash')).catch(() => []), []);
  }
});
