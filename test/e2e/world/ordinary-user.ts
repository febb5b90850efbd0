// An ordinary user who is made for a test and removed after it, with folders and a daemon of its own.
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { CACHE, IGNITE } from './place.ts';
import { type Ended, type ProgramOptions, runProgram } from './program.ts';
import { waitFor } from './wait-for.ts';

export interface OrdinaryUser extends AsyncDisposable {
  readonly uid: number;
  /** A folder of the user's. */
  readonly home: string;
  /** `ignite ARGV…` as the user. */
  ignite(argv: readonly string[], options?: ProgramOptions): Promise<Ended>;
  /** Any program as the user. */
  run(argv: readonly string[], options?: ProgramOptions): Promise<Ended>;
  /** Command lines of the user's processes, without the daemon and its runner. */
  processes(): Promise<readonly string[]>;
  /** What the user's daemon keeps of VMs on disk. */
  vmFiles(): Promise<readonly string[]>;
}

const SOURCE = resolve(import.meta.dirname, '../../..');
const DAEMON_LIFE_MS = 60 * 60_000;

/** Makes the user, starts `ignited` as that user, and imports the cached kernel. */
export async function makeOrdinaryUser(): Promise<OrdinaryUser> {
  const name = `ignite-${randomBytes(3).toString('hex')}`;
  await using undo = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), 'ignite-user-'));
  undo.defer(() => rm(root, { recursive: true, force: true }));
  await chmod(root, 0o755);
  const home = join(root, 'home');
  await must(['useradd', '--create-home', '--home-dir', home, '--shell', '/bin/sh', name]);
  // What has ended and is not reaped yet is still a process of the user's to it.
  undo.defer(() =>
    waitFor('the user is removed', async () => (await runProgram(['userdel', name])).code === 0).then(
      () => {},
    ),
  );
  const uid = Number((await must(['id', '-u', name])).trim());
  const runtime = join(root, 'runtime');
  await mkdir(runtime, { mode: 0o700 });
  await chown(runtime, uid, uid);
  const bin = await installedPrograms(root);
  const run: OrdinaryUser['run'] = (argv, options = {}) =>
    runProgram(
      [
        ...['setpriv', `--reuid=${name}`, `--regid=${name}`, '--init-groups', 'env', '-i', `HOME=${home}`],
        ...[`XDG_RUNTIME_DIR=${runtime}`, `USER=${name}`, `PATH=${bin}:/usr/bin:/bin`, ...argv],
      ],
      { cwd: '/', ...options },
    );
  const ignite: OrdinaryUser['ignite'] = (argv, options) => run(['ignite', ...argv], options);
  // Not on demand: where the host's own daemon runs, a user's is asked for by name (CLI rule 22).
  const daemon = run(['ignited', '--background'], { timeoutMs: DAEMON_LIFE_MS });
  undo.defer(async () => {
    await ignite(['system', 'stop']);
    await daemon;
    await waitFor('the user has no process', async () => (await processesOf(uid)).length === 0);
  });
  const state = join(home, '.local/state/ignite');
  const user: OrdinaryUser = {
    uid,
    home,
    ignite,
    run,
    processes: async () =>
      (await processesOf(uid)).filter((line) => !/ignited|ignite-spawn --runner/.test(line)),
    vmFiles: async () =>
      (
        await Promise.all(['vms', 'trash'].map((folder) => readdir(join(state, folder)).catch(() => [])))
      ).flat(),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
  await waitFor('the user’s daemon answers', async () => (await ignite(['ps'])).code === 0);
  await importKernel(user);
  const held = undo.move();
  return user;
}

/** The programs where the user can read them: a work tree may be in a folder that is closed to others. */
async function installedPrograms(root: string): Promise<string> {
  if (process.env['IGNITE_E2E_BIN'] !== undefined) return dirname(IGNITE);
  await must(['sh', join(SOURCE, 'scripts/install.sh'), join(root, 'installed'), '/usr', SOURCE]);
  return join(root, 'installed/usr/bin');
}

async function importKernel({ home, uid, ignite }: OrdinaryUser): Promise<void> {
  const cached = (await readdir(CACHE)).find((file) => file.endsWith('.deb'));
  if (cached === undefined) return; // the first run fetches it
  const own = join(home, cached);
  await copyFile(join(CACHE, cached), own);
  await chown(own, uid, uid);
  const { code, stderr } = await ignite(['kernel', 'import', own], { timeoutMs: DAEMON_LIFE_MS });
  if (code !== 0) throw new Error(`The user could not import a kernel: ${stderr}`);
}

async function processesOf(uid: number): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      if (!new RegExp(`^Uid:\\t${uid}\\t`, 'm').test(status) || /^State:\tZ/m.test(status)) return [];
      return [(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')];
    }),
  );
  return lines.flat();
}

async function must(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(argv);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}\n${stderr}`);
  return stdout;
}
