import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { hostClock, identifyProcess } from '../host/index.ts';
import { type KillTarget, killVmm } from './kill.ts';

const LONG_MS = 600_000;

interface Stage {
  readonly target: KillTarget;
  readonly child: ChildProcess;
}

/** A process in the place of a supervisor, and a socket in the place of its own. */
async function onStage(
  answer: (client: Socket, child: ChildProcess) => void,
  act: (stage: Stage) => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-kill-'));
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  const gone = once(child, 'exit');
  const server: Server = createServer((client) => {
    client.on('error', () => {});
    client.resume();
    answer(client, child);
  });
  try {
    await once(child, 'spawn');
    const socketPath = join(folder, 'spawn.sock');
    server.listen(socketPath);
    await once(server, 'listening');
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    assert.ok(identity);
    await act({ child, target: { socketPath, process: identity, ended: gone, clock: hostClock() } });
  } finally {
    child.kill('SIGKILL');
    await gone;
    server.close();
    await rm(folder, { recursive: true });
  }
}

test('a supervisor that takes the word and never answers is killed itself', () =>
  onStage(
    () => {},
    async ({ target, child }) => {
      assert.equal(await killVmm({ ...target, patienceMs: 30 }, AbortSignal.timeout(LONG_MS)), 'forced');
      assert.equal(child.signalCode, 'SIGKILL');
    },
  ));

test('so is one that answers and does not end', () =>
  onStage(
    (client) => client.end('ok\n'),
    async ({ target, child }) => {
      assert.equal(await killVmm({ ...target, patienceMs: 30 }, AbortSignal.timeout(LONG_MS)), 'forced');
      assert.equal(child.signalCode, 'SIGKILL');
    },
  ));

test('one that answers and ends is left to itself', () =>
  onStage(
    (client, child) => {
      child.kill('SIGTERM');
      client.end('ok\n');
    },
    async ({ target, child }) => {
      assert.equal(await killVmm({ ...target, patienceMs: LONG_MS }, AbortSignal.timeout(LONG_MS)), 'asked');
      assert.equal(child.signalCode, 'SIGTERM');
    },
  ));

test('whoever gives up does not kill it', () =>
  onStage(
    () => {},
    async ({ target, child }) => {
      const asked = killVmm(
        { ...target, patienceMs: LONG_MS },
        AbortSignal.abort(new Error('another command')),
      );
      await assert.rejects(asked, (error) => isIgniteError(error, 'supervisor/silent'));
      assert.equal(child.signalCode, null);
    },
  ));
