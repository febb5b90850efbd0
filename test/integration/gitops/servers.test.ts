// Repositories behind real servers: sshd with a deploy key, nginx with a token. Secrets are never words of a process.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { GitSource, SourceStatus } from '@ignite/api';
import { startProgram } from '../../containers/start-program.ts';
import { manifest, openWorld, type World } from '../declare/world.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { followed } from './followed.ts';
import { makePusher, type Pusher } from './repository.ts';
import { type HttpsServer, type SshServer, startHttpsServer, startSshServer } from './servers.ts';

let world: World;
let repo: Pusher;
let ssh: SshServer;
let https: HttpsServer;

before(async () => {
  buildPrograms();
  world = await openWorld();
  await chmod(world.folder, 0o755);
  repo = makePusher(world.folder);
  await repo.push({
    'hosts/one/a.yaml': manifest('a', { running: false }, { labels: { host: 'one' } }),
    'hosts/two/b.yaml': manifest('b', { running: false }, { labels: { host: 'two' } }),
  });
  const folder = async (name: string) => {
    const path = join(world.folder, name);
    await mkdir(path, { mode: 0o755 });
    return path;
  };
  ssh = await startSshServer(await folder('ssh'));
  https = await startHttpsServer(await folder('https'), world.folder);
});
after(async () => {
  await https[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** One look at a source, which is withdrawn again; its VMs stay. */
async function lookAt(git: GitSource, selector?: string): Promise<SourceStatus> {
  const ending = new AbortController();
  const { sync, done } = await followed(
    world,
    { git: { interval: 3600, timeout: 60, ...git }, ...(selector === undefined ? {} : { selector }) },
    ending.signal,
  );
  try {
    return await sync();
  } finally {
    ending.abort();
    await done;
  }
}

/** A VM stopped by hand becomes a commit on the server. */
async function pushesBack(git: GitSource): Promise<void> {
  const file = 'hosts/one/a.yaml';
  repo.git('pull', '--quiet', '--rebase', 'origin', 'main');
  await repo.push({ [file]: manifest('a', { running: true }) });
  const ending = new AbortController();
  const { sync, done } = await followed(world, { git: { interval: 3600, ...git } }, ending.signal);
  assert.equal((await sync()).state, 'good');
  assert.equal((await world.ignite(['stop', 'a'])).code, 0);
  const status = await sync();
  assert.deepEqual([status.state, status.writeBack?.error?.causes], ['good', undefined]);
  assert.match(repo.git('--git-dir', repo.bare, 'show', `main:${file}`), /"running":\s?false/);
  ending.abort();
  await done;
  await clear();
}

function names(): readonly string[] {
  return world.house.vms
    .list()
    .map(({ metadata }) => metadata.name)
    .sort();
}

async function clear(): Promise<void> {
  for (const name of names()) assert.equal((await world.ignite(['rm', '-f', name])).code, 0);
}

test('GIT-11: ssh: a deploy key and known hosts', async () => {
  const { identityFile, hostsFile } = ssh;
  const status = await lookAt({
    url: `ssh://root@127.0.0.1:${ssh.port}${repo.bare}`,
    identityFile,
    hostsFile,
  });
  assert.deepEqual([status.state, status.error?.causes.join()], ['good', undefined]);
  assert.deepEqual(names(), ['a', 'b']);
  await clear();
});

test('ssh: a host that is not known is not spoken to, and a key that may not enter is told', async () => {
  const empty = join(world.folder, 'no-hosts');
  await writeFile(empty, '');
  const url = `ssh://root@127.0.0.1:${ssh.port}${repo.bare}`;
  const unknown = await lookAt({ url, identityFile: ssh.identityFile, hostsFile: empty });
  assert.equal(unknown.error?.code, 'source/unreachable');
  assert.match(unknown.error?.causes.join() ?? '', /Host key verification failed/);
  const stranger = await lookAt({
    url,
    identityFile: join(world.folder, 'ssh/host_key'),
    hostsFile: ssh.hostsFile,
  });
  assert.match(stranger.error?.causes.join() ?? '', /Permission denied/);
});

test('https: a token that is in no process list; one host’s folder, the other’s label', async () => {
  const { caFile, token, port } = https;
  const url = `https://127.0.0.1:${port}/repo.git`;
  const status = await lookAt({ url, caFile, token, path: 'hosts/one' });
  assert.deepEqual([status.state, status.declared], ['good', 1]);
  const list = await https.processList(); // taken while git waited for an answer
  assert.match(list, /git[- ]remote-https /);
  for (const secret of [token, Buffer.from(`git:${token}`).toString('base64')])
    assert.ok(!list.includes(secret));
  assert.deepEqual(names(), ['a']);
  await clear();
  assert.equal((await lookAt({ url, caFile, token }, 'host=two')).declared, 1);
  assert.deepEqual(names(), ['b']);
  await clear();
});

test('https: a token by a credential helper, and a commit of ours pushed with it', async () => {
  const { caFile, token, port } = https;
  const helper = join(world.folder, 'helper');
  const words = `#!/bin/sh\n[ "$1" = get ] && printf 'username=git\\npassword=%s\\n' '${token}'\n`;
  await writeFile(helper, words, { mode: 0o700 });
  repo.git('--git-dir', repo.bare, 'config', 'http.receivepack', 'true');
  const git: GitSource = { url: `https://127.0.0.1:${port}/repo.git`, caFile, credentialHelper: helper };
  await pushesBack({ ...git, path: 'hosts/one', writeBack: 'main' });
  const list = await https.processList();
  assert.ok(!list.includes(token));
});

test('ssh: the keys of an agent, and a commit of ours pushed with them', async () => {
  const agentSocket = join(world.folder, 'agent.sock');
  const env = { SSH_AUTH_SOCK: agentSocket };
  await using _agent = await startProgram(['/usr/bin/ssh-agent', '-D', '-a', agentSocket], {
    ready: async () => execFileSync('ssh-add', ['-q', ssh.identityFile], { env, stdio: 'pipe' }),
  });
  const url = `ssh://root@127.0.0.1:${ssh.port}${repo.bare}`;
  const without = await lookAt({ url, hostsFile: ssh.hostsFile });
  assert.match(without.error?.causes.join() ?? '', /Permission denied/);
  await pushesBack({ url, hostsFile: ssh.hostsFile, agentSocket, path: 'hosts/one', writeBack: 'main' });
});

test('a server that takes a connection and says nothing is given up in time', async () => {
  const silent = createServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const url of [`ssh://root@127.0.0.1:${port}/r.git`, `https://127.0.0.1:${port}/r.git`]) {
    const { state, error } = await lookAt({ url, timeout: 1, identityFile: ssh.identityFile });
    assert.deepEqual([state, error?.code], ['unreachable', 'source/unreachable']);
    assert.match(error?.causes.join() ?? '', /did not finish within 1 s/);
  }
  silent.close();
});

test('https: no token, a wrong one, a certificate nobody vouches for: told without secrets', async () => {
  const { caFile, port } = https;
  const url = `https://127.0.0.1:${port}/repo.git`;
  for (const git of [
    { url, caFile },
    { url, caFile, token: 'a-wrong-secret' },
    { url, token: https.token },
  ]) {
    const { error } = await lookAt(git);
    assert.equal(error?.code, 'source/unreachable');
    assert.doesNotMatch(JSON.stringify(error), /a-wrong-secret|a-token-of-the-test/);
  }
});

test('GIT-10: schemes that are not protected are refused', async () => {
  for (const url of [
    'http://127.0.0.1/r.git',
    'git://127.0.0.1/r.git',
    'ext::sh -c true',
    '-oProxyCommand=x',
  ])
    await assert.rejects(
      world.sources.attach({ git: { url } }, () => {}, AbortSignal.timeout(120_000)),
      { code: 'source/bad-url' },
    );
});
