import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import { readSources } from '../source-options.ts';
import { createBackoff } from './backoff.ts';
import { gitEnvironment } from './git/git-environment.ts';
import { parseGitUrl } from './git/git-url.ts';
import { isManifest } from './parse-tree.ts';

test('GIT-10: ssh with its short form, https and file are repositories; others are refused', () => {
  assert.deepEqual(parseGitUrl('git@host:path/x.git'), { kind: 'ssh', url: 'git@host:path/x.git' });
  assert.deepEqual(parseGitUrl('/srv/r.git'), { kind: 'file', url: 'file:///srv/r.git' });
  assert.deepEqual(parseGitUrl('https://me:secret@host/r.git/'), {
    kind: 'https',
    url: 'https://host/r.git',
  });
  for (const url of ['http://h/r', 'git://h/r', 'ext::sh', '-x:y', 'ssh://-oProxyCommand=x/y', ''])
    assert.throws(() => parseGitUrl(url), { code: 'source/bad-url' }, url);
});

test('SEC-07: git gets a token by its environment, for one server, and no configuration of the host', () => {
  const source = { url: 'https://host/r.git', token: 's3cret' };
  const env = gitEnvironment(source, parseGitUrl(source.url), '/cfg', { HOME: '/root', LD_PRELOAD: '/x.so' });
  assert.equal(env['LD_PRELOAD'], undefined);
  const key = Object.entries(env).find(([, value]) => value === 'http.https://host/.extraHeader')?.[0] ?? '';
  assert.match(env[key.replace('KEY', 'VALUE')] ?? '', /^Authorization: Basic /);
});

test('IGD-04, IGD-05: the words of ignited', () => {
  assert.deepEqual(readSources([], {}, {}), []);
  assert.deepEqual(readSources(['daemon'], {}, {}), [{ folder: { path: '/etc/firecracker/manifests' } }]);
  const words = { branch: 'b', interval: '1m30s', 'https-username': 'u', selector: 'a=b' };
  assert.deepEqual(readSources(['gitops', 'https://h/r'], words, { IGNITE_GIT_TOKEN: 't' }), [
    { git: { url: 'https://h/r', branch: 'b', interval: 90, username: 'u', token: 't' }, selector: 'a=b' },
  ]);
  for (const bad of [['gitops'], ['daemon', 'x'], ['nonsense']])
    assert.throws(() => readSources(bad, {}, {}), { code: 'daemon/usage' });
});

test('GIT-20: which files count', () => {
  const names = ['a.yaml', 'x/b.yml', 'c.JSON', '.a.yaml', 'x/.git/b.yaml', 'a.yaml~', '#a.yaml', 'a.txt'];
  assert.deepEqual(names.filter(isManifest), ['a.yaml', 'x/b.yml', 'c.JSON']);
});

test('GIT-55: what failed is tried again later each time, a new wish at once', () => {
  let now = 0;
  const backoff = createBackoff(() => now);
  const error = new IgniteError('start/failed', 'x');
  backoff.note('a', error);
  assert.equal(backoff.holds('a'), error);
  now = 30_000;
  assert.equal(backoff.holds('a'), undefined);
  backoff.note('a', error);
  now = 60_000;
  assert.equal(backoff.holds('a'), error);
  backoff.forget();
  assert.equal(backoff.holds('a'), undefined);
});
