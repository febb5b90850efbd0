import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { readTar } from '@ignite/archive';
import type { Client } from '@ignite/client';
import { readArgv } from '../argv/index.ts';
import { commandTree } from '../commands/index.ts';
import type { CommandContext } from '../context.ts';
import type { CliHost } from '../host.ts';
import { createOutput } from '../output/output.ts';
import { createRequest } from './create-request.ts';
import { findCredentials } from '../credentials/index.ts';
import { readEnv } from './env.ts';

const host: CliHost = {
  env: { HOME: '/nonexistent', GREETING: 'hi' },
  cwd: '/',
  uid: 1000,
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  now: () => new Date(0),
  onSignal: () => () => {},
};

function request(argv: readonly string[], cwd = '/', client?: Pick<Client, 'uploadFiles'>) {
  const read = readArgv(commandTree, argv);
  if ('error' in read) throw read.error;
  const own = { ...host, cwd };
  const context: CommandContext = {
    tree: commandTree,
    ...read,
    out: createOutput({ stdout: own.stdout, stderr: own.stderr, quiet: false }),
    host: own,
    signal: new AbortController().signal,
    ownSignals: () => {},
    client: () =>
      client === undefined
        ? Promise.reject(new Error('no daemon is needed'))
        : Promise.resolve({ ...({} as Client), ...client }),
    runningClient: () => Promise.resolve(undefined),
  };
  return createRequest(context);
}

async function folder(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'ignite-request-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('the flags of the getting-started block', async () => {
  const body = await request([
    'run',
    'weaveworks/ignite-ubuntu',
    '--cpus',
    '2',
    '--memory',
    '1GB',
    '--ssh',
    '--name',
    'my-vm',
  ]);
  assert.deepEqual(body, {
    metadata: { name: 'my-vm' },
    spec: { image: { oci: 'weaveworks/ignite-ubuntu' }, cpus: 2, memory: '1GB', ssh: true },
  });
});

test('Docker’s flags', async () => {
  const body = await request([
    'run',
    '-it',
    '--rm',
    '-e',
    'A=1',
    '-e',
    'GREETING',
    '-e',
    'ABSENT',
    '-w',
    '/srv',
    '-u',
    'www:www',
    '-p',
    '8080:80/udp',
    '--hostname',
    'h',
    '-l',
    'a=b',
    '--pull',
    'always',
    '--entrypoint',
    '/bin/x',
    'nginx',
    'y',
    'z',
  ]);
  assert.deepEqual(body, {
    metadata: { labels: { a: 'b' } },
    spec: {
      image: { oci: 'nginx' },
      autoRemove: true,
      entrypoint: ['/bin/x'],
      command: ['y', 'z'],
      env: ['A=1', 'GREETING=hi'],
      workdir: '/srv',
      user: 'www:www',
      hostname: 'h',
      tty: true,
      stdin: true,
      network: { ports: [{ hostPort: 8080, vmPort: 80, protocol: 'udp' }] },
    },
    pull: 'always',
  });
});

test('--entrypoint takes the image’s command away, an empty one the entrypoint too', async () => {
  assert.deepEqual((await request(['run', '--entrypoint', 'x', 'i'])).spec.command, []);
  assert.deepEqual((await request(['run', '--entrypoint', '', 'i', 'c'])).spec.entrypoint, []);
  assert.equal((await request(['run', 'i'])).spec.command, undefined);
});

test('CFG-01, BUG-34: a manifest is read, operand and flags overrule it', async () => {
  const text = `apiVersion: ignite.weave.works/v1alpha4
kind: VM
metadata:
  name: from-file
spec:
  image:
    oci: debian:12
  cpus: 4
  memory: 2GB
`;
  await using files = await folder({ 'vm.yaml': text, 'bad.yaml': text.replace('cpus: 4', 'cpu: 4') });
  const body = await request(['run', '--config', 'vm.yaml', '--cpus', '2'], files.path);
  assert.equal(body.metadata?.name, 'from-file');
  assert.deepEqual([body.spec.image?.oci, body.spec.cpus, body.spec.memory], ['debian:12', 2, '2GB']);
  const other = await request(['run', '--config', 'vm.yaml', 'other:1'], files.path);
  assert.equal(other.spec.image?.oci, 'other:1');
  assert.deepEqual([other.expectsMachine, other.idPrefix], [true, undefined]);
  await assert.rejects(request(['run', '--config', 'bad.yaml'], files.path), /line 8, column 3/);
});

test('API-R08: --copy-files is read by the caller', async () => {
  await using files = await folder({ motd: 'hello\n' });
  const body = await request(['run', '--copy-files', `${files.path}/motd:/etc/motd`, 'i']);
  assert.deepEqual(
    body.files?.map(({ path, content }) => [path, Buffer.from(content, 'base64').toString()]),
    [['/etc/motd', 'hello\n']],
  );
  assert.deepEqual(body.spec.copyFiles, [{ hostPath: `${files.path}/motd`, vmPath: '/etc/motd' }]); // as the original kept it
  await assert.rejects(request(['run', '--copy-files', '/nonexistent:/etc/motd', 'i']), /cannot be read/);
});

test('BUG-23: --copy-files keeps the modes of folders and the links inside them, and follows the one that is named', async () => {
  await using files = await folder({ file: 'x' });
  await mkdir(join(files.path, 'tree/inner'), { recursive: true });
  await chmod(join(files.path, 'tree/inner'), 0o750);
  await symlink('../nowhere', join(files.path, 'tree/link'));
  await symlink('tree', join(files.path, 'named'));
  const body = await request(['run', '-f', `${files.path}/named:/opt/t`, '-f', `${files.path}/file:/f`, 'i']);
  assert.deepEqual(
    body.files?.map(({ path, kind, mode, content }) => [
      path,
      kind,
      path.endsWith('inner') ? mode : 0,
      Buffer.from(content, 'base64').toString(),
    ]),
    [
      ['/opt/t', 'folder', 0, ''],
      ['/opt/t/inner', 'folder', 0o750, ''],
      ['/opt/t/link', 'symlink', 0, '../nowhere'],
      ['/f', undefined, 0, 'x'],
    ],
  );
});

test('--copy-files of more than a request carries is sent before it, in pieces', async () => {
  await using files = await folder({ big: '', small: 'x' });
  await truncate(join(files.path, 'big'), 16 << 20);
  const names: string[] = [];
  const uploadFiles: Client['uploadFiles'] = async (tar) => {
    for await (const { name, size } of readTar(tar)) names.push(`${name} ${size}`);
    return { upload: 'f'.repeat(32), bytes: 0 };
  };
  const argv = ['run', '-f', `${files.path}/big:/opt/big`, '-f', `${files.path}:/srv/x/`, 'i'];
  const body = await request(argv, '/', { uploadFiles });
  assert.deepEqual([body.upload, body.files], ['f'.repeat(32), undefined]);
  assert.deepEqual(names, ['opt/big 16777216', 'srv/x/ 0', 'srv/x/big 16777216', 'srv/x/small 1']);
});

test('--copy-files of a file that shrinks while it is sent, of a device, of nothing', async () => {
  await using files = await folder({ big: '' });
  const big = join(files.path, 'big');
  await truncate(big, 64 << 20);
  const uploadFiles: Client['uploadFiles'] = async (tar) => {
    for await (const _piece of tar) await truncate(big, 1);
    return { upload: 'f'.repeat(32), bytes: 0 };
  };
  const shrunk = request(['run', '-f', `${big}:/big`, 'i'], '/', { uploadFiles });
  await assert.rejects(shrunk, { code: 'archive/file-changed' });
  await assert.rejects(request(['run', '-f', '/dev/null:/x', 'i']), /neither a file nor a folder/);
  await assert.rejects(request(['run', '-f', `${files.path}/none:/x`, 'i']), /cannot be read/);
});

test('CLI-C17: --ssh=FILE sends the public key, with .pub where it is left out', async () => {
  await using files = await folder({ 'id.pub': 'ssh-ed25519 AAAAC3Nz me@here\n', id: 'PRIVATE', other: 'x' });
  const body = await request(['run', '--ssh=id', 'i'], files.path);
  assert.deepEqual(
    [body.spec.ssh, body.authorizedKeys],
    ['ssh-ed25519 AAAAC3Nz me@here', ['ssh-ed25519 AAAAC3Nz me@here']],
  );
  await assert.rejects(request(['run', '--ssh=other', 'i'], files.path), /holds no SSH public key/);
});

test('CLI-C14, CLI-C15: the runtime and the image of its container are part of the spec', async () => {
  const argv = ['run', '--runtime', 'docker', '--sandbox-image', 'me/sandbox:1', 'i'];
  const { runtime, sandbox } = (await request(argv)).spec;
  assert.deepEqual({ runtime, sandbox }, { runtime: 'docker', sandbox: { oci: 'me/sandbox:1' } });
});

const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['8', ['run', '-v', 'a/b:/x', 'i'], /a folder begins with/],
  ['8', ['run', '-v', '/nonexistent:/x', 'i'], /is not there/],
  ['8', ['run', '-v', 'data', 'i'], /-v takes SOURCE:PATH/],
  ['8', ['run', '-v', '/dev/null:x', 'i'], /absolute PATH/],
  ['23', ['run', '--network-plugin', 'cni', '--network', 'none', 'i'], /name two networks/],
  ['CLI-C13, BUG-05', ['run', '--require-name', 'i'], /has no name/],
  ['9', ['run', '--platform', 'linux/s390x', 'i'], /--platform linux\/s390x is refused/],
];

for (const [rule, argv, message] of refused)
  test(`rule ${rule}: ignite ${argv.join(' ')} is refused`, async () => {
    await assert.rejects(request(argv), message);
  });

test('environment files are read as Docker reads them', async () => {
  await using files = await folder({ env: '# c\nA=1 2\n\n  B=x\nGREETING\nNONE\n', bad: 'A=1\nB C=2\n' });
  assert.deepEqual(await readEnv(['env'], ['A=9'], host.env, files.path), [
    'A=1 2',
    'B=x',
    'GREETING=hi',
    'A=9',
  ]);
  await assert.rejects(readEnv(['bad'], [], host.env, files.path), /bad, line 2/);
});

test('REG-04, REG-01, REG-03: credentials come from Docker’s config.json, only for the registries asked for', async () => {
  const auth = Buffer.from('joe:se:cret').toString('base64');
  const config = {
    auths: {
      'reg.example:5000': { auth },
      'https://index.docker.io/v1/': { identitytoken: 't' },
      'other.example': { auth },
    },
  };
  await using files = await folder({ 'config.json': JSON.stringify(config) });
  const found = await findCredentials(host, ['reg.example:5000/a/b:1', 'alpine', 'quay.io/x'], {
    directory: files.path,
  });
  assert.deepEqual(found, [
    { registry: 'reg.example:5000', username: 'joe', password: 'se:cret' },
    { registry: 'docker.io', identityToken: 't' },
  ]);
  assert.deepEqual(await findCredentials(host, ['alpine']), []);
});

for (const word of ['./vmlinux', '../vmlinux', '/boot/vmlinux', '~/vmlinux', './vmlinux.deb'])
  test(`--kernel ${word} is a file: told is how to bring it, not what an image is called`, async () => {
    await assert.rejects(request(['run', '--kernel', word, 'alpine']), (error: Error) => {
      assert.match(error.message, /is a file: import it with `ignite kernel import /);
      assert.match(error.message, /then use --kernel vmlinux/);
      return true;
    });
  });

test('--kernel takes images and names with a slash in them', async () => {
  const { spec } = await request(['run', '--kernel', 'registry.test/kernels/vm:6.1', 'alpine']);
  assert.equal(spec.kernel?.oci, 'registry.test/kernels/vm:6.1');
});
