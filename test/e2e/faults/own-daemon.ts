// A daemon of a test's own, for hosts that lack something: its own folder, file system, and view of the host's files.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Ended,
  findLeftovers,
  findProcesses,
  ignite,
  IGNITE,
  isDaemon,
  makeOwnPlace,
  type Place,
  place,
  type ProgramOptions,
  readMark,
  runProgram,
  variablesOf,
  waitFor,
} from '../world/index.ts';

export interface OwnDaemonOptions {
  /** Bytes of the file system that holds the state; absent: the host's own. */
  readonly stateBytes?: number;
  /** Host files that the daemon sees with another content; `undefined`: as an empty file that cannot be executed. */
  readonly files?: Readonly<Record<string, string | undefined>>;
}

export interface OwnDaemon extends AsyncDisposable {
  readonly place: Place;
  /** Runs the command with this daemon. */
  ignite(argv: readonly string[], options?: ProgramOptions): Promise<Ended>;
}

/** Starts it. Disposing fails where the daemon leaves something behind. */
export async function startOwnDaemon(options: OwnDaemonOptions = {}): Promise<OwnDaemon> {
  const own = await makeOwnPlace(place());
  await chmod(own.root, 0o711); // VMMs, which have users of their own, pass through it
  for (const folder of [own.state, own.scratch]) await mkdir(folder, { mode: 0o711 });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(own.root, { recursive: true, force: true }));
  if (options.stateBytes !== undefined) {
    await runProgram([
      'mount',
      '-t',
      'tmpfs',
      '-o',
      `size=${options.stateBytes},mode=711`,
      'none',
      own.state,
    ]);
    // What ended a moment ago may hold it for another.
    undo.defer(() =>
      waitFor(
        'the state is unmounted',
        async () => (await runProgram(['umount', own.state])).code === 0,
      ).then(() => {}),
    );
  }
  const env = await environment(own);
  await launch(own, env, options.files ?? {});
  await lendKernels(own);
  const kept = undo.move();
  return {
    place: own,
    ignite: (argv, more = {}) => ignite(argv, { ...more, env: { ...env, ...more.env } }),
    [Symbol.asyncDispose]: async () => {
      const mark = await readMark(own);
      try {
        await end(own, env);
      } finally {
        await kept.disposeAsync();
      }
      const left = await findLeftovers(own, mark);
      if (left.length > 0) throw new Error(`Left behind:\n${left.join('\n')}`);
    },
  };
}

/** The kernels of the run, without another import. */
async function lendKernels(own: Place): Promise<void> {
  const [from, to] = [join(place().state, 'kernels'), join(own.state, 'kernels')];
  await mkdir(to, { recursive: true, mode: 0o711 });
  for (const name of await readdir(from)) await symlink(join(from, name), join(to, name));
}

async function environment(own: Place): Promise<Readonly<Record<string, string>>> {
  await cp(join(place().root, 'config.yaml'), join(own.root, 'config.yaml'));
  return variablesOf(own);
}

/** In a mount namespace of its own, in which some files of the host are others. */
async function launch(
  own: Place,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const mounts: string[] = [];
  for (const [index, [path, content]] of Object.entries(files).entries()) {
    const instead = join(own.scratch, `file-${index}`);
    await writeFile(instead, content ?? '', { mode: content === undefined ? 0o644 : 0o755 });
    mounts.push(`mount --bind ${instead} ${path}`);
  }
  const ignited = join(IGNITE, '../ignited');
  const script = [...mounts, `exec ${ignited} --background`].join(' && ');
  const log = join(own.root, 'ignited.log');
  const output = openSync(log, 'a', 0o600);
  // Where nothing is to be hidden there is no need for a view of its own, which hides what one daemon made from the next.
  const [program, options] = mounts.length > 0 ? ['unshare', ['--mount']] : ['setsid', []];
  spawn(program, [...options, 'sh', '-c', script], {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
  }).unref();
  closeSync(output);
  const answers = async () =>
    (await ignite(['ps'], { env: { ...env, IGNITE_HOST: join(own.run, 'ignited.sock') } })).code === 0;
  await waitFor('the daemon answers', answers).catch(async (error: unknown) => {
    throw new Error(await readFile(log, 'utf8'), { cause: error });
  });
}

async function end(own: Place, env: Readonly<Record<string, string>>): Promise<void> {
  await ignite(['system', 'stop'], { env });
  const daemons = async () => (await findProcesses(own.root)).filter(({ line }) => isDaemon(line));
  await waitFor('the daemon has ended', async () => (await daemons()).length === 0);
}

/** Everything of the daemon and its VMs on the host: a comparison of before and after shows what a VM has left. */
export async function traces(of: Place): Promise<readonly string[]> {
  const mark = await readMark(of);
  const left = await findLeftovers(of, mark);
  if (mark === undefined) return left;
  const ours = (names: readonly string[]) => names.filter((name) => name.includes(mark.instance));
  const tables = ours((await runProgram(['nft', 'list', 'tables'])).stdout.split('\n'));
  const commands = [
    ...tables.map((table) => ['nft', 'list', ...table.split(' ')]),
    ...ours(await readdir('/run/netns').catch(() => [])).flatMap((name) => [
      ['ip', '-n', name, '-o', 'link'],
      ['ip', 'netns', 'exec', name, 'nft', 'list', 'ruleset'],
    ]),
    ['sh', '-c', `find /sys/fs/cgroup -mindepth 3 -path '*${mark.instance}*' -type d`],
  ];
  const shown = await Promise.all(commands.map(async (argv) => (await runProgram(argv)).stdout));
  const lines = [...left, ...shown.flatMap((text) => text.split('\n'))].map(withoutWhatChanges);
  return lines.filter((line) => line !== '').toSorted();
}

/**
 * A daemon with nothing to do ends after a while, and another is started; the kernel shows a link as up a moment later; a
 * table that was made anew says that it holds all (engine/src/network/bridge/nft.ts, WHOLE).
 */
function withoutWhatChanges(line: string): string {
  if (line.trim() === 'elements = { 0x00000001 }') return '';
  if (/^\d+: \S+: </.test(line)) return line.replace(/ state \S+/, '').replace(/<[^>]*>/, '');
  return line.replace(/^process \d+: (?=.*ignited)/, 'process: ');
}

/** Waits until nothing more is on the host than there was. */
export async function assertNothingMore(of: Place, before: readonly string[]): Promise<void> {
  const more = async () => (await traces(of)).filter((line) => !before.includes(line));
  try {
    await waitFor('nothing is left behind', async () => (await more()).length === 0);
  } catch {
    assert.deepEqual(await more(), []);
  }
}
