// Who has a volume, across VMs, daemons and failures, with the stand-in VMM.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { buildPrograms } from '../supervisor/world.ts';
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

  test('a volume outlives its VMs and is removed only without them', async () => {
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

  test('paths that nobody typed are opened only below folders of the Configuration', async () => {
    await using house = await openHouse();
    const named = (source: object) => ({
      storage: { volumes: [{ name: 'v', ...source }], volumeMounts: [{ name: 'v', mountPath: '/srv' }] },
    });
    for (const source of [{ blockDevice: { path: '/dev/null' } }, { hostFolder: { path: '/etc' } }])
      await assert.rejects(house.create('a', SERVES, named(source)), { code: 'volumes/path-not-allowed' });
  });
});
