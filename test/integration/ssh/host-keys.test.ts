// `ssh`, `exec` and `cp` with a key against a real sshd in a namespace: the server is held to the keys that are pinned.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fakeVm, type FakeDaemon, startFakeDaemon } from '../../cli/fake-daemon.ts';
import { type Program, startProgram } from '../../containers/start-program.ts';
import { AWAKE, SERVED } from '../../../engine/src/lifecycle/host-keys.ts';

const IGNITE = join(import.meta.dirname, '../../../bin/ignite');
const HOST = '198.51.100.7';
const NAMESPACE = `ign-ssh-${process.pid}`;

let folder: string;
let daemon: FakeDaemon;
let server: Program;
let key: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-ssh-'));
  ip('netns', 'add', NAMESPACE);
  ip('-n', NAMESPACE, 'link', 'set', 'lo', 'up');
  ip('-n', NAMESPACE, 'addr', 'add', `${HOST}/32`, 'dev', 'lo');
  key = makeKey('id');
  await writeFile(join(folder, 'authorized'), await readFile(`${key}.pub`), { mode: 0o600 });
  server = await startServer('first');
  daemon = await startFakeDaemon();
  daemon.vms.push(fakeVm('web'));
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  ip('netns', 'del', NAMESPACE);
  await rm(folder, { recursive: true, force: true });
});

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function makeKey(name: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
  return join(folder, name);
}

async function publicKey(name: string): Promise<string> {
  return (await readFile(join(folder, `${name}.pub`), 'utf8')).split(' ').slice(0, 2).join(' ');
}

/** An sshd with a host key of its own. */
async function startServer(name: string, port = 22): Promise<Program> {
  const settings = [
    `ListenAddress ${HOST}:${port}`,
    `HostKey ${makeKey(name)}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    `PidFile ${join(folder, `${name}.pid`)}`,
    'StrictModes no',
    'UsePAM no',
    'Subsystem sftp internal-sftp',
  ];
  const configuration = join(folder, `${name}_config`);
  await writeFile(configuration, `${settings.join('\n')}\n`);
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const words = ['netns', 'exec', NAMESPACE, '/usr/sbin/sshd', '-D', '-e', '-f', configuration];
  const scan = ['netns', 'exec', NAMESPACE, 'ssh-keyscan', '-p', String(port), HOST];
  return startProgram(['/sbin/ip', ...words], {
    ready: async () => assert.match((await run('ip', scan)).stdout, /ssh-ed25519/),
  });
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, words: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env['PATH'], HOME: folder, IGNITE_HOST: `unix://${daemon?.socketPath}` };
  return new Promise((resolve) => {
    const child = execFile(program, words, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** The command line, where the VM's address is. */
function ignite(...words: readonly string[]): Promise<Ended> {
  return run('ip', ['netns', 'exec', NAMESPACE, IGNITE, ...words]);
}

async function all(): Promise<readonly Ended[]> {
  const file = join(folder, 'copied');
  await writeFile(file, 'here\n');
  return [
    await ignite('ssh', '-i', key, 'web', 'echo', 'hello'),
    await ignite('exec', '--identity', key, 'web', 'echo', 'hello'),
    await ignite('cp', '-i', key, file, `web:${join(folder, 'arrived')}`),
  ];
}

test('SSH-01, SEC-03: ssh, exec and cp reach a server that has the pinned keys, and say nothing', async () => {
  daemon.ssh = { host: HOST, hostKeys: [await publicKey('first')] };
  const [ssh, exec, cp] = await all();
  assert.deepEqual(ssh, { code: 0, stdout: 'hello\n', stderr: '' });
  assert.deepEqual(exec, { code: 0, stdout: 'hello\n', stderr: '' });
  assert.deepEqual(cp, { code: 0, stdout: '', stderr: '' });
  assert.equal(await readFile(join(folder, 'arrived'), 'utf8'), 'here\n');
  assert.equal((await ignite('ssh', '-i', key, 'web', 'exit', '7')).code, 7);
});

test('a server with other keys is refused, with the way out; the way out pins what the agent says', async () => {
  await server[Symbol.asyncDispose]();
  await rename(join(folder, 'arrived'), join(folder, 'before'));
  server = await startServer('second');
  for (const { code, stdout, stderr } of await all()) {
    assert.notEqual(code, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /What answers at 198\.51\.100\.7 has other SSH host keys than web had/);
    assert.match(stderr, /`ignite ssh --pin VM`/);
  }
  await assert.rejects(readFile(join(folder, 'arrived')));
  daemon.keysNow = [await publicKey('second')];
  const pinned = await ignite('ssh', '--pin', '-i', key, 'web', 'echo', 'hello');
  assert.deepEqual(pinned, { code: 0, stdout: 'hello\n', stderr: '' });
  assert.equal((await ignite('ssh', '-i', key, 'web', 'true')).code, 0);
});

test('a guest whose keys nobody knows is refused, unless one says that it does not matter', async () => {
  daemon.ssh = { host: HOST };
  const [ssh, exec, cp] = await all();
  for (const ended of [ssh, exec, cp])
    assert.match(ended?.stderr ?? '', /does not know the SSH host keys of web/);
  const insecure = await ignite('ssh', '--insecure', '-i', key, 'web', 'echo', 'hello');
  assert.deepEqual(insecure, { code: 0, stdout: 'hello\n', stderr: '' });
});

test('a server at another port is at work as soon as it listens, and no more when it has ended', async () => {
  await server[Symbol.asyncDispose]();
  const served = async () => (await run('ip', ['netns', 'exec', NAMESPACE, 'sh', '-c', SERVED])).code === 0;
  assert.equal(await served(), false);
  server = await startServer('elsewhere', 2222);
  assert.equal(await served(), true);
  await server[Symbol.asyncDispose]();
  assert.equal(await served(), false);
  server = await startServer('again');
  assert.equal(await served(), true);
});

test('a server that systemd would start at the first connection is at work, and started for its keys', async () => {
  const [bin, log] = [join(folder, 'bin'), join(folder, 'systemctl.log')];
  await mkdir(bin);
  const systemctl = `#!/bin/sh
case "$*" in
  *is-active*ssh.socket*) exit 0 ;;
  *is-active*) exit 3 ;;
  *show*) echo ssh.service ;;
  *start*) echo "$*" >>${log}; echo 'ssh-ed25519 ${'A'.repeat(64)} root@vm' >/etc/ssh/ssh_host_ed25519_key.pub ;;
esac
`;
  await writeFile(join(bin, 'systemctl'), systemctl, { mode: 0o755 });
  // No server, and an /etc/ssh of its own.
  const inGuest = (script: string) =>
    run('unshare', ['-mn', 'sh', '-c', `PATH=${bin}:$PATH; mount -t tmpfs none /etc/ssh && ${script}`]);
  assert.equal((await inGuest(`{ ${SERVED}\n}`)).code, 0);
  const twice = await inGuest(`{ ${AWAKE}\n} >/dev/null; ${AWAKE}`);
  assert.equal(twice.stdout, `ssh-ed25519 ${'A'.repeat(64)} root@vm\n`);
  assert.equal((await readFile(log, 'utf8')).split('\n').length - 1, 1, 'only where there is no key');
});
