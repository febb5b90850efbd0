import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { CliHost } from '../host.ts';
import { configFile, findCredentials, forgetLogin, keepLogin, loginServer } from './index.ts';

interface Home extends AsyncDisposable {
  readonly path: string;
  readonly host: CliHost;
  write(name: string, document: object): Promise<string>;
  read(name: string): Promise<unknown>;
}

async function openHome(env: Readonly<Record<string, string>> = {}, uid = 1000): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), 'ignite-home-'));
  return {
    path,
    host: {
      env: { HOME: path, PATH: `${path}/bin:${process.env['PATH']}`, ...env },
      cwd: '/',
      uid,
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      now: () => new Date(0),
      onSignal: () => () => {},
    },
    async write(name, document) {
      const file = join(path, name);
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, JSON.stringify(document));
      return file;
    },
    read: async (name) => JSON.parse(await readFile(join(path, name), 'utf8')),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
const users = async (host: CliHost, references: readonly string[], options = {}) =>
  (await findCredentials(host, references, options)).map((one) => one.username);

test('Docker’s file comes before containers’, the host’s Configuration last', async () => {
  await using home = await openHome();
  const runtime = await home.write('run/containers/auth.json', {
    auths: { 'a.example': auth('runtime:x'), 'quay.io/team': auth('team:x'), 'quay.io': auth('all:x') },
  });
  await home.write('.config/containers/auth.json', { auths: { 'b.example': auth('config:x') } });
  await home.write('host/config.json', { auths: { 'a.example': auth('h:x'), 'c.example': auth('host:x') } });
  const host = { ...home.host, env: { ...home.host.env, XDG_RUNTIME_DIR: join(runtime, '../..') } };
  const last = join(home.path, 'host');
  const all = ['a.example/x', 'b.example/x', 'c.example/x', 'd.example/x'];
  assert.deepEqual(await users(host, all, { last }), ['runtime', 'config', 'host']);
  assert.deepEqual(await users(host, ['quay.io/team/web']), ['team']);
  assert.deepEqual(await users(host, ['quay.io/other/web']), ['all']);
  await home.write('.docker/config.json', { auths: { 'https://a.example': auth('docker:x') } });
  assert.deepEqual(await users(host, ['a.example/x']), ['docker']);
  const file = await home.write('own.json', { auths: { 'a.example': auth('named:x') } });
  const named = { ...host, env: { ...host.env, REGISTRY_AUTH_FILE: file } };
  assert.deepEqual(await users(named, ['a.example/x']), ['named']);
});

test('under sudo the user’s folder comes first; what the caller may not read counts as none', async () => {
  await using home = await openHome({ SUDO_USER: 'root' }, 0);
  await home.write('.docker/config.json', { auths: { 'z.example': auth('own:x') } });
  assert.deepEqual(await users(home.host, ['z.example/x']), ['own']); // root's own passwd home holds none
});

test('a login is kept beside all else, readable to its owner alone, and a link stays a link', async () => {
  await using home = await openHome();
  const target = await home.write('dotfiles/docker.json', {
    HttpHeaders: { X: 'y' },
    auths: { 'other.example': auth('a:b') },
  });
  await chmod(target, 0o644);
  await mkdir(join(home.path, '.docker'));
  await symlink(target, join(home.path, '.docker/config.json'));
  const path = configFile(home.host, undefined);
  const server = loginServer('https://Reg.example:5000/v2/');
  const inFile = await keepLogin(home.host, path, server, { username: 'joe', password: 'se:cret' });
  assert.equal(inFile, true);
  assert.deepEqual(await home.read('dotfiles/docker.json'), {
    HttpHeaders: { X: 'y' },
    auths: { 'other.example': auth('a:b'), 'reg.example:5000': auth('joe:se:cret') },
  });
  assert.equal((await stat(target)).mode & 0o777, 0o600);
  assert.ok((await lstat(path)).isSymbolicLink());
  assert.deepEqual(await findCredentials(home.host, ['reg.example:5000/a']), [
    { registry: 'reg.example:5000', username: 'joe', password: 'se:cret' },
  ]);
  assert.equal(await forgetLogin(home.host, path, server), true);
  assert.equal(await forgetLogin(home.host, path, server), false);
  assert.deepEqual(await users(home.host, ['reg.example:5000/a', 'other.example/b']), ['a']);
});

test('Docker Hub has Docker’s own key, and words that are no registry are refused', () => {
  const hub = { registry: 'docker.io', key: 'https://index.docker.io/v1/' };
  for (const word of [undefined, 'docker.io', 'https://index.docker.io/v1/'])
    assert.deepEqual(loginServer(word), hub);
  for (const word of ['', 'a b', 'user@host', 'a:b:c']) assert.throws(() => loginServer(word), /no registry/);
});

const HELPER = `#!/bin/sh
case $1 in
store) cat > "$HOME/secret" ;;
get) cat "$HOME/secret" 2>/dev/null || { echo "credentials not found"; exit 1; } ;;
erase) rm -f "$HOME/secret" ;;
esac
`;

test('REG-03: a credential helper keeps, gives and forgets', async () => {
  await using home = await openHome();
  await mkdir(join(home.path, 'bin'));
  await writeFile(join(home.path, 'bin/docker-credential-test'), HELPER, { mode: 0o755 });
  const path = await home.write('.docker/config.json', { credsStore: 'test' });
  const server = loginServer('reg.example');
  const inFile = await keepLogin(home.host, path, server, { username: 'joe', password: 'secret' });
  assert.equal(inFile, false);
  assert.deepEqual(await home.read('.docker/config.json'), {
    credsStore: 'test',
    auths: { 'reg.example': {} },
  });
  assert.deepEqual(await users(home.host, ['reg.example/a']), ['joe']);
  assert.equal(await forgetLogin(home.host, path, server), true);
  assert.deepEqual(await users(home.host, ['reg.example/a']), []);
  await home.write('.docker/config.json', { credsStore: 'absent' });
  await assert.rejects(
    keepLogin(home.host, path, server, { username: 'a', password: 'b' }),
    /docker-credential-absent is not installed/,
  );
});
