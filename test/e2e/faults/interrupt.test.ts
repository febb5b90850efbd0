// Ctrl-C at each stage of a foreground `run`: one error that names the stage, and nothing left behind (CLI rule 19).
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { buildImage, file } from '../../images/index.ts';
import { type FakeRegistry, startFakeRegistry } from '../../registry/index.ts';
import {
  type Ended,
  ignite,
  igniteOk,
  image,
  inspect,
  place,
  statusOf,
  vmName,
  waitFor,
} from '../world/index.ts';
import { HANGS } from './hangs.ts';
import { assertNothingMore, startOwnDaemon, traces } from './own-daemon.ts';
import { assertFails } from './shown.ts';

type Run = (options: { readonly started: (pid: number) => void }) => Promise<Ended>;

/**
 * Whether a program sleeps and goes on doing so: it has read all that came. One that the host does not let run, though
 * it could, is in another state (proc(5)).
 */
async function sleeps(pid: number): Promise<boolean> {
  for (let look = 0; look < 3; look++) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (!/\) S /.test(stat)) return false;
    await delay(50);
  }
  return true;
}

/** Runs a command and presses Ctrl-C once a fact holds and the command has been told. */
async function interrupted(
  run: Run,
  fact: string,
  holds: () => unknown,
  afterwards: () => Promise<void> = async () => {},
): Promise<Ended> {
  const started = Promise.withResolvers<number>();
  const running = run({ started: started.resolve });
  const pid = await started.promise;
  await waitFor(fact, async () => Boolean(await holds()));
  await waitFor('the command has heard of it', () => sleeps(pid));
  process.kill(pid, 'SIGINT');
  await afterwards();
  return running;
}

/** Presses Ctrl-C once more. @returns whether the program was still there */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGINT');
  } catch {
    return false;
  }
}

const told = (stage: string) => ({
  code: 130,
  says: /Error: Interrupted/,
  stage,
  hint: /Nothing was left behind/,
});

describe('Ctrl-C', () => {
  let registry: FakeRegistry;
  let usual: readonly string[] = [];
  before(async () => {
    registry = await startFakeRegistry();
    const entries = [file('boot/vmlinux', 'x'.repeat(100_000), { mode: 0o644 })];
    const built = await buildImage({ layers: [{ entries, compression: 'none' }] });
    registry.add('stalls', '1', built);
    const layer = built.layers[0]?.digest ?? '';
    registry.misbehave = ({ path }) => (path.includes(layer) ? { stallAfter: 10 } : undefined);
    await igniteOk(['run', '--rm', image('busybox'), 'true']);
    usual = await traces(place());
  });
  after(async () => {
    registry.dropStalled();
    await registry[Symbol.asyncDispose]();
  });

  for (const [stage, argv] of [
    ['pull', () => ['run', `${registry.host}/stalls:1`, 'true']],
    ['kernel', () => ['run', '-k', `${registry.host}/stalls:1`, image('busybox'), 'true']],
  ] as const)
    test(`during ${stage}`, async () => {
      registry.dropStalled();
      const run: Run = (options) => ignite(argv(), options);
      const ended = await interrupted(run, 'the registry stalls', () => registry.stalled() > 0);
      assertFails(ended, told(stage));
      await assertNothingMore(place(), usual);
    });

  test('while the guest boots', async (t) => {
    const name = vmName(t, 'boots');
    const run: Run = (options) =>
      ignite(['run', '--name', name, ...HANGS, image('busybox'), 'true'], options);
    const boots = async () => (await statusOf(name)) === 'Starting (boot)';
    assertFails(await interrupted(run, 'the guest boots', boots), told('boot'));
    await assertNothingMore(place(), usual);
  });

  test('twice: the command ends at once, and what it made goes all the same', async (t) => {
    const name = vmName(t, 'twice');
    const run: Run = (options) =>
      ignite(['run', '--name', name, ...HANGS, image('busybox'), 'true'], options);
    let pid = 0;
    const noting: Run = ({ started }) =>
      run({
        started: (id) => {
          pid = id;
          started(id);
        },
      });
    const boots = async () => (await statusOf(name)) === 'Starting (boot)';
    const again = async () => {
      while (existsSync(`/proc/${pid}/cwd`) && killed(pid)) await delay(20);
    };
    const ended = await interrupted(noting, 'the guest boots', boots, again);
    assert.equal(ended.code, 130);
    await waitFor('the VM is gone', async () => (await statusOf(name)) === undefined);
    await assertNothingMore(place(), usual);
  });

  test('during the start of a VM that was made before: it is kept as failed', async (t) => {
    const name = vmName(t, 'kept');
    await igniteOk(['create', '--name', name, ...HANGS, image('busybox'), 'true']);
    const run: Run = (options) => ignite(['start', name], options);
    const boots = async () => (await statusOf(name)) === 'Starting (boot)';

    const ended = await interrupted(run, 'the guest boots', boots);

    assert.equal(ended.code, 130);
    await waitFor('it has ended', async () => (await statusOf(name)) === 'Failed (boot)');
    const { status } = await inspect(name);
    assert.deepEqual([status.state, status.stage, status.running], ['failed', 'boot', false]);
    await igniteOk(['rm', name]);
    await assertNothingMore(place(), usual);
  });

  test('at any moment', async (t) => {
    for (const ms of [120, 160, 200, 240, 280, 330, 400, 600]) {
      const name = vmName(t, 'any');
      const started = Promise.withResolvers<number>();
      const argv = ['run', '--rm', '--name', name, image('busybox'), 'sleep', '5'];
      const running = ignite(argv, { started: started.resolve });
      const pid = await started.promise;
      await delay(ms);
      process.kill(pid, 'SIGINT');
      const ended = await running;
      // A command that was quicker hears the signal itself, and as the first process of its machine need not mind it.
      assert.ok([130, 0].includes(ended.code), `${ms} ms: ${ended.code} ${ended.stderr}`);
      await assertNothingMore(place(), usual);
    }
  });
});

/** Holds every call of `nft` while the file `hold` is there. */
const SLOW_NFT = (folder: string) => `#!/bin/sh
if [ -e ${folder}/hold ]; then
  echo $$ > ${folder}/pid
  mv ${folder}/pid ${folder}/held
  while [ -e ${folder}/hold ]; do sleep 0.05; done
fi
exec ${folder}/nft "$@"
`;

test('Ctrl-C while the network is made', async () => {
  const folder = join(place().scratch, 'slow-nft');
  await mkdir(folder, { recursive: true });
  await copyFile('/usr/sbin/nft', join(folder, 'nft'));
  await using own = await startOwnDaemon({ files: { '/usr/sbin/nft': SLOW_NFT(folder) } });
  const before = await own.ignite(['run', '--rm', image('busybox'), 'true']);
  assert.equal(before.code, 0, before.stderr);
  const usual = await traces(own.place);
  await writeFile(join(folder, 'hold'), '');

  const run: Run = (options) => own.ignite(['run', image('busybox'), 'true'], options);
  const held = () => existsSync(join(folder, 'held'));
  // The daemon ends the one that is held when it hears of the Ctrl-C; undoing what was done needs it, too.
  const letGo = async () => {
    const pid = (await readFile(join(folder, 'held'), 'utf8')).trim();
    await waitFor('the start was cancelled', () => !existsSync(`/proc/${pid}`));
    await rm(join(folder, 'hold'));
  };
  const ended = await interrupted(run, 'nft is held', held, letGo);

  assertFails(ended, told('network'));
  await assertNothingMore(own.place, usual);
});
