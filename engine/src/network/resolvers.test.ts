import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostResolvers, nameservers } from './resolvers.ts';

const from = (files: Record<string, string>) => hostResolvers(async (path) => files[path]);
const MAIN = '/etc/resolv.conf';
const SYSTEMD = '/run/systemd/resolve/resolv.conf';

test('the servers of resolv.conf, at most three, IPv4 only, each once', async () => {
  assert.deepEqual(
    nameservers('nameserver 10.0.0.2\nnameserver fd00::1\n#nameserver 1.1.1.1\nnameserver 10.0.0.2'),
    ['10.0.0.2'],
  );
  assert.deepEqual(await from({ [MAIN]: [1, 2, 3, 4].map((n) => `nameserver 10.0.0.${n}`).join('\n') }), [
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.3',
  ]);
});

test('what is behind a loopback stub, and the stub itself where nothing is known behind it', async () => {
  const stub = 'nameserver 127.0.0.53\noptions edns0\n';
  assert.deepEqual(await from({ [MAIN]: stub, [SYSTEMD]: 'nameserver 10.0.0.2\n' }), ['10.0.0.2']);
  assert.deepEqual(
    await from({
      [MAIN]: 'nameserver 127.0.0.1\n',
      '/run/NetworkManager/no-stub-resolv.conf': 'nameserver 10.0.0.3',
    }),
    ['10.0.0.3'],
  );
  assert.deepEqual(await from({ [MAIN]: 'nameserver 127.0.0.1\n' }), ['127.0.0.1']);
  assert.deepEqual(await from({ [MAIN]: 'nameserver 127.0.0.1\nnameserver 10.0.0.4\n' }), ['10.0.0.4']);
  assert.deepEqual(await from({}), []);
});

test('a reader that rejects for a missing file finds none', async () => {
  const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' });
  assert.deepEqual(await hostResolvers(() => Promise.reject(missing)), []);
  await assert.rejects(
    hostResolvers(() => Promise.reject(new Error('disk on fire'))),
    /fire/,
  );
});
