// `make demo`: real VMs from real OCI images, pulled from a real registry, shown working, and removed.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDockerRegistry } from '../registry/index.ts';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'bin/ignite');
const PORT = '18080';

await main();

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-demo-'));
  await chmod(folder, 0o711); // the users of the VMMs pass through
  process.env['IGNITE_STATE_DIR'] = join(folder, 'state');
  process.env['IGNITE_RUN_DIR'] = join(folder, 'run');
  try {
    await using registry = await startDockerRegistry();
    await fillRegistry(registry.host);
    await showApp(`${registry.host}/web:1`);
    await showMachine();
    title('Nothing is left');
    await ignite('ps', '-a');
  } finally {
    await cleanUp();
    // The daemon ends after its answer: what it writes last is tried again.
    await rm(folder, { recursive: true, force: true, maxRetries: 40, retryDelay: 100 });
  }
}

async function fillRegistry(host: string): Promise<void> {
  title('A registry on loopback gets an image of a small web server');
  await run(process.execPath, [join(root, 'images/web/build.ts')]);
  const archive = `oci-archive:${join(root, 'build/images/ignite-web.tar')}`;
  await run('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', archive, `docker://${host}/web:1`]);
}

async function showApp(image: string): Promise<void> {
  title('A command in a VM of its own: its output, its exit code');
  await ignite('run', '--rm', '--entrypoint', '', image, 'echo', 'Hello from a virtual machine');
  await ignite('run', '--rm', '--entrypoint', '/bin/sh', image, '--', '-c', 'exit 42').catch(
    (error: unknown) => console.log(String(error)),
  );
  title('A server with a published port');
  await ignite('run', '-d', '--name', 'web', '-p', `${PORT}:8080`, image);
  await ignite('ps');
  await run('curl', [
    '--silent',
    '--show-error',
    '--retry',
    '5',
    '--retry-connrefused',
    `http://127.0.0.1:${PORT}/`,
  ]);
  title('exec, logs, cp: no SSH, no tools in the image needed');
  await ignite('exec', 'web', 'id');
  await ignite('exec', 'web', 'ip', 'addr', 'show', 'eth0');
  await ignite('cp', join(root, 'LICENSE'), 'web:/srv/LICENSE');
  await run('curl', ['--silent', '--range', '0-60', `http://127.0.0.1:${PORT}/LICENSE`]);
  console.log();
  await ignite('logs', 'web');
  title('Stopped and started it has the same address and the same disk');
  await ignite('stop', 'web');
  await ignite('ps', '-a');
  await ignite('start', 'web');
  await run('curl', [
    '--silent',
    '--retry',
    '5',
    '--retry-connrefused',
    '--range',
    '0-60',
    `http://127.0.0.1:${PORT}/LICENSE`,
  ]);
  console.log();
  await ignite('rm', '-f', 'web');
}

async function showMachine(): Promise<void> {
  title('A machine with systemd and sshd, made from Debian packages without Docker');
  await ignite('image', 'make', 'debian');
  await ignite('run', 'ignite-debian', '--cpus', '2', '--memory', '1GB', '--ssh', '--name', 'my-vm');
  await ignite('ps');
  await ignite('exec', 'my-vm', 'systemctl', 'is-system-running', '--wait');
  await ignite('ssh', 'my-vm', 'uname -a');
  await ignite('stop', 'my-vm');
  await ignite('rm', 'my-vm');
}

async function cleanUp(): Promise<void> {
  for (const name of ['web', 'my-vm']) await quietly(['rm', '-f', name]);
  await quietly(['system', 'stop']);
}

function title(text: string): void {
  console.log(`\n\u001b[1m# ${text}\u001b[0m`);
}

function ignite(...words: string[]): Promise<void> {
  return run(bin, words);
}

/** Shows the command as one would type it, and runs it. */
async function run(program: string, words: readonly string[]): Promise<void> {
  const shown = program === process.execPath ? 'node' : program === bin ? 'ignite' : program;
  console.log(`$ ${[shown, ...words.map((word) => (word === '' ? "''" : word))].join(' ')}`);
  const code = await start(program, words, 'inherit');
  if (code !== 0) throw new Error(`exit code ${code}`);
}

async function quietly(words: readonly string[]): Promise<void> {
  await start(bin, words, 'ignore');
}

function start(program: string, words: readonly string[], stdio: 'inherit' | 'ignore'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, words, { stdio: ['ignore', stdio, stdio], cwd: root });
  child.once('error', reject);
  child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  return promise;
}
