// The original's state directory: records, references and keys are taken, the rest is told.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildPrograms } from '../supervisor/world.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let folder: string;

before(async () => {
  buildPrograms();
  world = await openWorld();
  folder = join(world.folder, 'firecracker');
  const one = {
    spec: {
      image: { oci: 'registry.test/image:1' },
      ssh: true,
      network: { ports: [{ hostPort: 8080, vmPort: 80 }] },
    },
    status: { running: true, idPrefix: 'old' },
  };
  await put('vm', 'aaaa0000bbbb1111', 'VM', { name: 'one', labels: { a: 'b' } }, one);
  await writeFile(join(folder, 'vm/aaaa0000bbbb1111/id_aaaa0000bbbb1111.pub'), 'ssh-ed25519 AAAAC3 one\n');
  await put('image', 'cccc0000bbbb1111', 'Image', { name: 'other:1' }, { spec: { oci: 'other:1' } });
  await mkdir(join(folder, 'vm/dddd0000bbbb1111'));
  await writeFile(join(folder, 'vm/dddd0000bbbb1111/metadata.json'), '{"kind": "VM", "apiVer');
});
after(() => world[Symbol.asyncDispose]());

async function put(place: string, uid: string, kind: string, metadata: object, rest: object): Promise<void> {
  const path = join(folder, place, uid);
  await mkdir(path, { recursive: true });
  const object = {
    kind,
    apiVersion: 'ignite.weave.works/v1alpha4',
    metadata: { uid, created: '2021-06-01T10:00:00Z', ...metadata },
    ...rest,
  };
  await writeFile(join(path, 'metadata.json'), JSON.stringify(object));
}

test('a dry run makes nothing', async () => {
  const { code, stdout } = await world.ignite(['import-state', '--dry-run', 'firecracker']);
  assert.deepEqual([code, stdout, world.house.vms.list().length], [0, 'one create (dry run)\n', 0]);
});

test('VMs come with name, UID, labels, ports and key, stopped; what is not taken is told', async () => {
  const { code, stdout, stderr } = await world.ignite(['import-state', 'firecracker']);
  assert.deepEqual([code, stdout], [0, 'one created\n']);
  const { metadata, spec, status } = world.house.vms.inspect('aaaa0000bbbb1111');
  assert.deepEqual([metadata.name, metadata.labels, status.state], ['one', { a: 'b' }, 'created']);
  assert.equal(spec.ssh, 'ssh-ed25519 AAAAC3 one');
  assert.match(stderr, /one: its disk is made anew/);
  assert.match(stderr, /one: it was running/);
  assert.match(stderr, /dddd0000bbbb1111\/metadata\.json is invalid/);
  assert.match(stderr, /other:1: no VM uses it/);
  assert.equal((await world.ignite(['import-state', 'firecracker'])).stdout, 'one here already\n');
});

test('a folder of another kind is refused', async () => {
  const { code, stderr } = await world.ignite(['import-state', '/proc/self']);
  assert.equal(code, 1);
  assert.match(stderr, /no state directory of Weave Ignite/);
});
