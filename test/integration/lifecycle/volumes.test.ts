// Who has a volume, across VMs, daemons and failures, with the stand-in VMM.
import assert from 'node:assert/strict';
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { buildPrograms, eventually } from '../supervisor/world.ts';
import { CALL, type House, openHouse, SERVES, START } from './house.ts';

before(buildPrograms);

function storage(name: string, readOnly = false) {
  return {
    storage: {
      volumes: [{ name: 'v', volume: { name } }],
      volumeMounts: [{ name: 'v', mountPath: '/srv', ...(readOnly ? { readOnly } : {}) }],
    },
  };
}

const OWNER = 1000;

/** A device with something on it, which belongs to somebody. */
async function loopDevice(): Promise<AsyncDisposable & { readonly path: string }> {
  const { run } = hostCommands();
  const file = join(await mkdtemp(join(tmpdir(), 'ignite-device-')), 'file');
  await writeFile(file, Buffer.alloc(1 << 20, 7));
  const path = (await run(['losetup', '--find', '--show', file])).stdout.trim();
  await chown(path, OWNER, OWNER);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await chown(path, 0, 0);
      await run(['losetup', '-d', path]);
      await rm(dirname(file), { recursive: true });
    },
  };
}

async function users(house: House, name: string) {
  const { status } = await house.vms.volumes.inspect(name);
  return status.usedBy.map((user) => `${user.name}${user.running ? ' running' : ''}`);
}

describe('volumes of VMs', () => {
  test('one writer at a time, also for the next daemon; free again when it has ended', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES, storage('data'));
    await house.create('b', SERVES, storage('data'));
    await house.vms.start('a', START);
    const refused = { code: 'volumes/attached', message: /data is in use, read-write, by the running VM a/ };
    await assert.rejects(house.vms.start('b', START), refused);
    assert.deepEqual(await users(house, 'data'), ['a running', 'b']);

    await house.open();
    assert.deepEqual(await users(house, 'data'), ['a running', 'b']);
    await assert.rejects(house.vms.start('b', START), refused);

    await house.vms.stop('a', CALL);
    await house.vms.start('b', START);
    assert.deepEqual(await users(house, 'data'), ['a', 'b running']);
    process.kill(await house.supervisorPid('b'), 'SIGKILL');
    await house.becomes('b', 'failed (supervisor lost)');
    await house.vms.start('a', START);
    assert.deepEqual(await users(house, 'data'), ['a running', 'b']);
  });

  test('several readers, and no writer beside them; two starts at once get it one after the other', async () => {
    await using house = await openHouse();
    for (const name of ['a', 'b']) await house.create(name, SERVES, storage('data', true));
    await house.create('w', SERVES, storage('data'));
    await Promise.all(['a', 'b'].map((name) => house.vms.start(name, START)));
    await assert.rejects(house.vms.start('w', START), { code: 'volumes/attached' });
    assert.deepEqual(await users(house, 'data'), ['a running', 'b running', 'w']);
    for (const name of ['a', 'b']) await house.vms.stop(name, CALL);
    const [first, second] = await Promise.allSettled([
      house.vms.start('w', START),
      house.vms.start('a', START),
    ]);
    assert.deepEqual([first.status, second.status].toSorted(), ['fulfilled', 'rejected']);
  });

  test('RM-04: a volume outlives its VMs and is removed only without them', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES, storage('data'));
    const { volumes } = house.vms;
    await assert.rejects(volumes.remove('data'), { code: 'volumes/in-use', message: /in use by a/ });
    assert.deepEqual(await volumes.prune(() => false), []);
    await house.vms.remove('a', false, CALL);
    assert.deepEqual(await users(house, 'data'), []);
    await volumes.remove('data');
    assert.deepEqual(await volumes.list(), []);
  });

  test('a VM that could not be made leaves no volume behind that was made for it', async () => {
    await using house = await openHouse();
    await house.vms.volumes.create({ name: 'mine' }, CALL.signal);
    house.outside.makeDisk = () => Promise.reject(new Error('no disk'));
    for (const name of ['mine', 'new'])
      await assert.rejects(house.create('a', SERVES, storage(name)), /no disk/);
    assert.deepEqual(
      (await house.vms.volumes.list()).map((volume) => volume.metadata.name),
      ['mine'],
    );
  });

  test('a volume that was made for a VM that fails stays with another VM that took it meanwhile', async () => {
    await using house = await openHouse();
    const failing = Promise.withResolvers<void>();
    const atDisk = Promise.withResolvers<void>();
    house.outside.makeDisk = () => {
      atDisk.resolve();
      return failing.promise;
    };
    const first = house.create('first', SERVES, storage('data'));
    first.catch(() => {});
    await atDisk.promise;
    house.outside.makeDisk = async () => {};
    await house.create('second', SERVES, storage('data'));
    failing.reject(new Error('no disk'));
    await assert.rejects(first, /no disk/);
    assert.deepEqual(await users(house, 'data'), ['second']);
  });

  test('a device is its owner’s again after the VM, also where daemon and supervisor were killed', async () => {
    await using house = await openHouse();
    house.outside.vmmUid = 0; // any user will do that is not the device's
    await using device = await loopDevice();
    const owner = async () => (await stat(device.path)).uid;
    const spec = {
      image: { oci: 'registry.test/image:1' },
      kernel: { cmdLine: SERVES },
      storage: {
        volumes: [{ name: 'v', blockDevice: { path: device.path } }],
        volumeMounts: [{ name: 'v', mountPath: '/srv' }],
      },
    };
    for (const name of ['a', 'b'])
      await house.vms.create({ metadata: { name }, spec, hostPaths: [device.path] }, CALL);
    await house.vms.start('a', START);
    assert.equal(await owner(), 0);
    await assert.rejects(house.vms.start('b', START), { code: 'volumes/attached' });
    assert.equal(await owner(), 0, 'a refused start leaves it alone');
    await house.vms.stop('a', CALL);
    assert.equal(await owner(), OWNER);

    await house.vms.start('b', START);
    process.kill(await house.supervisorPid('b'), 'SIGKILL');
    await house.open(); // the daemon of before may have seen nothing of it
    await house.becomes('b', 'failed (supervisor lost)');
    await eventually(owner, (uid) => uid === OWNER);
  });

  test('paths that nobody typed are opened only below folders of the Configuration', async () => {
    await using house = await openHouse();
    const named = (source: object) => ({
      storage: { volumes: [{ name: 'v', ...source }], volumeMounts: [{ name: 'v', mountPath: '/srv' }] },
    });
    for (const source of [{ blockDevice: { path: '/dev/null' } }, { hostFolder: { path: '/etc' } }])
      await assert.rejects(house.create('a', SERVES, named(source)), { code: 'volumes/path-not-allowed' });
  });
});
