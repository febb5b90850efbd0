import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { IgniteError } from '@ignite/api';
import { unlessServed } from './other-daemon.ts';

const locked = () => Promise.reject(new IgniteError('state/locked', 'it is in use'));

async function socketIn(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'other-daemon-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'ignited.sock');
}

test('one that ends is waited for, and told of once', async (t) => {
  const socket = await socketIn(t);
  let tries = 0;
  const told: string[] = [];
  const start = async () => {
    tries += 1;
    return tries < 3 ? await locked() : 'started';
  };
  assert.equal(await unlessServed(socket, start, () => told.push('waits')), 'started');
  assert.deepEqual(told, ['waits']);
});

test('one that serves is not, nor is any other failure', async (t) => {
  const socket = await socketIn(t);
  const server = createServer().listen(socket);
  t.after(() => server.close());
  await once(server, 'listening');
  const never = () => assert.fail('it waits');
  await assert.rejects(unlessServed(socket, locked, never), { code: 'state/locked' });
  const broken = () => Promise.reject(new Error('broken'));
  await assert.rejects(unlessServed(join(socket, 'none'), broken, never), /broken/);
});
