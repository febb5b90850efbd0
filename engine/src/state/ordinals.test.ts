import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api/errors';
import { newInstance, writeFormat } from './format.ts';
import { ordinalRegistry } from './ordinals.ts';

async function makeWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'ordinals-'));
  const engine = async (name: string) => {
    const stateDirectory = join(folder, name);
    const instance = newInstance();
    await writeFormat(stateDirectory, { writer: 'test', ordinal: 0, instance });
    return { instance, stateDirectory };
  };
  return {
    folder,
    engine,
    registry: ordinalRegistry(join(folder, 'engines')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test('each engine gets the lowest free ordinal and keeps it', async () => {
  await using world = await makeWorld();
  const [a, b] = [await world.engine('a'), await world.engine('b')];

  assert.equal(await world.registry.takeFree(a), 0);
  assert.equal(await world.registry.takeFree(b), 1);
  await world.registry.takeBack(1, b);
});

test('engines that start at once get different ordinals', async () => {
  await using world = await makeWorld();
  const engines = await Promise.all(['a', 'b', 'c', 'd'].map(world.engine));

  const ordinals = await Promise.all(engines.map(world.registry.takeFree));

  assert.equal(new Set(ordinals).size, engines.length);
});

test('an ordinal of another engine is refused, naming its state directory', async () => {
  await using world = await makeWorld();
  const [a, b] = [await world.engine('a'), await world.engine('b')];
  await world.registry.takeFree(a);

  await assert.rejects(
    world.registry.takeBack(0, b),
    (error) => isIgniteError(error, 'state/ordinal-taken') && error.message.includes(a.stateDirectory),
  );
});

test('the ordinal of a state directory that is gone is free again', async () => {
  await using world = await makeWorld();
  const a = await world.engine('a');
  await world.registry.takeFree(a);
  await rm(a.stateDirectory, { recursive: true });

  assert.equal(await world.registry.takeFree(await world.engine('b')), 0);
});

test('an ordinal that something on the host carries is passed over', async () => {
  await using world = await makeWorld();
  const registry = ordinalRegistry(join(world.folder, 'engines'), async (ordinal) => ordinal < 2);

  assert.equal(await registry.takeFree(await world.engine('a')), 2);
});
