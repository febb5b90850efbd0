// Pulling from a real registry: the image becomes a clean ext4 disk with the right files in it.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { buildImage, directory, file, pushImage, symlink } from '../../images/index.ts';
import { startDockerRegistry } from '../../registry/index.ts';
import { assertClean, debugfs, openStore, request } from './fixture.ts';

const started = startDockerRegistry();
after(async () => (await started)[Symbol.asyncDispose]());

async function demo() {
  return buildImage({
    layers: [
      {
        entries: [
          directory('etc'),
          file('etc/hostname', 'first\n'),
          file('etc/gone', 'x'),
          directory('data'),
          file('data/old', 'x'),
          directory('usr/sbin'),
          file('usr/sbin/sshd', 'x', { mode: 0o755 }),
          directory('lib/systemd'),
          file('lib/systemd/systemd', 'x', { mode: 0o755 }),
          symlink('sbin/init', '/lib/systemd/systemd'),
        ],
      },
      {
        compression: 'zstd',
        entries: [
          file('etc/hostname', 'second\n'),
          file('etc/.wh.gone', ''),
          file('data/.wh..wh..opq', ''),
          file('data/new', 'y'),
        ],
      },
      { compression: 'none', entries: [file('/../hello', 'hello')] },
    ],
    config: {
      Cmd: ['/bin/sh'],
      Env: ['A=b'],
      WorkingDir: '/data',
      User: '1:2',
      ExposedPorts: { '80/tcp': {} },
    },
  });
}

test('BEY-08: an image is pulled, converted, listed and found', async () => {
  const registry = await started;
  await pushImage(registry.url, 'demo/app', '1.0', await demo());
  await using store = await openStore();
  const asked = request();
  const record = await store.images.ensure(`${registry.host}/demo/app:1.0`, asked);
  assert.equal(record.reference, `${registry.host}/demo/app:1.0`);
  assert.deepEqual(record.init, { path: '/sbin/init', kind: 'systemd' });
  assert.equal(record.hasSshd, true);
  assert.deepEqual(record.config.cmd, ['/bin/sh']);
  assert.deepEqual(record.config.exposedPorts, ['80/tcp']);
  const disk = await stat(record.base.path);
  assert.equal(disk.mode & 0o777, 0o444);
  assert.equal(disk.size, record.base.bytes);
  assert.equal(disk.uid, process.getuid?.());
  await assertClean(record.base.path);
  assert.equal(await debugfs(record.base.path, 'cat /etc/hostname'), 'second\n');
  assert.equal(await debugfs(record.base.path, 'cat /hello'), 'hello');
  assert.doesNotMatch(await debugfs(record.base.path, 'ls /etc'), /gone|\.wh/);
  assert.doesNotMatch(await debugfs(record.base.path, 'ls /data'), /old|\.wh/);
  assert.deepEqual(await store.images.list(), [record]);
  assert.deepEqual(await store.images.find(record.uid.slice(0, 6)), record);
  assert.ok(asked.progress.some((event) => event.kind === 'bytes' && event.done === event.total));
  assert.ok(!(await store.files()).some((path) => path.startsWith('imports/')));

  const again = request();
  assert.deepEqual(await store.images.ensure(record.reference, again), record);
  assert.deepEqual(again.progress, [], 'nothing is fetched and nothing is converted');
});

test('parallel calls share the work', async () => {
  const registry = await started;
  await pushImage(registry.url, 'demo/shared', 'latest', await demo());
  await using store = await openStore();
  const records = await Promise.all(
    ['', ':latest', ''].map((tag) => store.images.ensure(`${registry.host}/demo/shared${tag}`, request())),
  );
  assert.equal(new Set(records.map((record) => record.uid)).size, 1);
});

test('an unknown image is not found and leaves nothing', async () => {
  const registry = await started;
  await using store = await openStore();
  const before = await store.files();
  await assert.rejects(store.images.ensure(`${registry.host}/demo/none:1`, request()), (error) =>
    isIgniteError(error, 'images/not-found'),
  );
  await assert.rejects(
    store.images.ensure(`${registry.host}/demo/app:1.0`, request({ pull: 'never' })),
    (error) => isIgniteError(error, 'images/not-found'),
  );
  assert.deepEqual(await store.files(), before);
});
