// `ignite system install`, `status`, `start` and `uninstall` from a tree installed below a folder: what a
// daemon made on the host is gone after it, named volumes stay, and a new Ignite finds them.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { buildPrograms } from '../supervisor/world.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const TIMEOUT_MS = 300_000;

let folder = '';
let root = '';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The installed program, with state and run folder of this test. */
function ignite(...argv: readonly string[]): Promise<Ended> {
  const { promise, resolve: settle } = Promise.withResolvers<Ended>();
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    IGNITE_STATE_DIR: join(folder, 'state'),
    IGNITE_RUN_DIR: join(folder, 'run'),
  };
  const program = join(root, 'usr/local/bin/ignite');
  execFile(program, argv, { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
    settle({ code, stdout, stderr });
  }).stdin?.end();
  return promise;
}

async function igniteOk(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await ignite(...argv);
  assert.equal(code, 0, `ignite ${argv.join(' ')}: exit ${code}\n${stdout}${stderr}`);
  return stdout.trimEnd();
}

/** A prefix as install.sh makes it; the programs are the sources of this tree. */
async function installTree(): Promise<void> {
  const prefix = join(root, 'usr/local');
  await rm(prefix, { recursive: true, force: true });
  await mkdir(join(prefix, 'bin'), { recursive: true });
  await mkdir(join(prefix, 'lib/ignite'), { recursive: true });
  await mkdir(join(prefix, 'lib/ignite.old')); // as an install that was broken off leaves it
  for (const name of ['ignite', 'ignited'])
    await cp(join(REPOSITORY, 'bin', name), join(prefix, 'bin', name));
  await symlink(process.execPath, join(prefix, 'lib/ignite/node'));
  await cp(join(REPOSITORY, 'packaging/systemd'), join(prefix, 'lib/ignite/systemd'), { recursive: true });
  await symlink(join(REPOSITORY, 'packages'), join(prefix, 'packages'));
}

before(async () => {
  buildPrograms();
  folder = await mkdtemp(join(tmpdir(), 'ignite-system-'));
  root = join(folder, 'root');
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
  await installTree();
});

after(async () => {
  if (existsSync(join(root, 'usr/local/bin/ignite'))) await ignite('system', 'stop');
  await rm(folder, { recursive: true, force: true });
});

test('install writes units of the prefix, enables them and makes the group', async () => {
  for (const _ of ['first', 'again']) await igniteOk('system', 'install', '--root', root);
  const units = join(root, 'etc/systemd/system');
  const service = await readFile(join(units, 'ignited.service'), 'utf8');
  assert.match(service, new RegExp(`^ExecStart=${join(root, 'usr/local')}/bin/ignited$`, 'm'));
  assert.ok(existsSync(join(units, 'ignite-halt.service')) && existsSync(join(units, 'ignite-vms.service')));
  assert.deepEqual(await readdir(join(units, 'sockets.target.wants')), ['ignited.socket']);
  assert.deepEqual(await readdir(join(units, 'multi-user.target.wants')), ['ignited.service']);
  assert.match(await readFile(join(root, 'etc/group'), 'utf8'), /^ignite:/m);
});

test('status starts nothing; start starts, again is no error', async () => {
  const off = await ignite('system', 'status');
  assert.equal(off.code, 1);
  assert.match(off.stdout, /^Daemon: +does not run$/m);
  assert.ok(!existsSync(join(folder, 'run/ignited.sock')));
  for (const _ of ['first', 'again']) await igniteOk('system', 'start');
  const { running, pid, vms } = JSON.parse(await igniteOk('system', 'status', '-o', 'json'));
  assert.deepEqual([running, vms.total], [true, 0]);
  assert.ok(existsSync(`/proc/${pid}`));
});

test('df tells sizes, prune removes what nothing uses, and volumes only when that is said', async () => {
  await igniteOk('network', 'create', 'idle');
  await igniteOk('volume', 'create', 'pruned', '--size', '64M');
  const rows = (await igniteOk('system', 'df', '--format', 'json'))
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    rows.map(({ kind, total, active }) => [kind, total, active]),
    [
      ['images', 0, 0],
      ['vms', 0, 0],
      ['volumes', 1, 0],
      ['kernels', 0, 0],
    ],
  );
  assert.ok(rows[2].size > 0 && rows[2].size === rows[2].reclaimable);
  assert.match(await igniteOk('system', 'df'), /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\n[\s\S]*\(100%\)/);
  assert.match((await ignite('system', 'prune')).stderr, /-f is needed/);
  assert.equal(await igniteOk('system', 'prune', '-f'), 'idle');
  assert.equal(await igniteOk('system', 'prune', '-f', '--volumes'), 'pruned');
});

test('uninstall needs -f where it cannot ask; it leaves named volumes and nothing else', async () => {
  await igniteOk('network', 'create', 'inner');
  await igniteOk('volume', 'create', 'kept', '--size', '64M');
  const { pid } = JSON.parse(await igniteOk('system', 'status', '-o', 'json'));
  const { instance } = JSON.parse(await igniteOk('system', 'info', '-o', 'json'));
  assert.equal(marked(instance).length, 1, 'its number among the engines of this host');
  const refused = await ignite('system', 'uninstall', '--root', root);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /-f is needed/);
  assert.ok(existsSync(`/proc/${pid}`));

  await igniteOk('system', 'uninstall', '-f', '--root', root);
  assert.ok(!existsSync(`/proc/${pid}/cwd`), 'it has ended, whether or not its parent has noticed');
  assert.deepEqual(await readdir(join(folder, 'state')), ['volumes']);
  assert.ok(!existsSync(join(folder, 'run')));
  assert.deepEqual(await left(join(root, 'usr/local')), []);
  assert.deepEqual(await left(join(root, 'etc/systemd')), []);
  assert.doesNotMatch(await readFile(join(root, 'etc/group'), 'utf8'), /ignite/);
  assert.deepEqual(marked(instance), []);
});

test('a new Ignite finds the volumes; uninstall --volumes leaves nothing', async () => {
  await installTree();
  assert.match(await igniteOk('volume', 'ls', '-q'), /^kept$/m);
  await igniteOk('system', 'uninstall', '-f', '--volumes', '--root', root);
  assert.ok(!existsSync(join(folder, 'state')));
  assert.ok(!existsSync(join(folder, 'run')));
});

/** Files below a folder, but the link by which the tests bring the sources. */
async function left(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory() && entry.name !== 'packages').map(({ name }) => name);
}

/** What on this host carries the mark of our engine: tables, namespaces, control groups, interfaces by what they say. */
function marked(instance: string): readonly string[] {
  const script = `nft list tables; ls /run/netns; ls -d /sys/fs/cgroup/ignite-* /sys/fs/cgroup/*/ignite-*
    cat /sys/class/net/*/ifalias; for file in /run/ignite-engines/*; do cat $file; echo; done`;
  const text = execFileSync('sh', ['-c', `(${script}) 2>/dev/null || true`], { encoding: 'utf8' });
  return text.split('\n').filter((line) => line.includes(instance));
}
