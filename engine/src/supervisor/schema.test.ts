import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExitRecord, parseSpawnRecord, parseStatus } from './schema.ts';

const exit = {
  boot: 'b',
  startedAt: '2026-11-20T10:00:00.000000001Z',
  endedAt: '2026-11-20T10:00:01.000000001Z',
  vmm: { code: 0 },
  ready: true,
  killed: false,
};

test('an exit record comes back; what is torn or wrong is none', () => {
  assert.deepEqual(parseExitRecord(JSON.stringify(exit)), exit);
  const text = JSON.stringify(exit);
  for (let cut = 0; cut < text.length; cut++) assert.equal(parseExitRecord(text.slice(0, cut)), undefined);
  assert.equal(parseExitRecord(JSON.stringify({ ...exit, vmm: { code: -1 } })), undefined);
  assert.equal(parseExitRecord('null'), undefined);
});

test('fields of a newer supervisor are ignored', () => {
  assert.deepEqual(parseExitRecord(JSON.stringify({ ...exit, colour: 'red' })), exit);
});

test('a status line, with and without its parts', () => {
  const line = { version: 1, vmUid: 'u', vmmPid: 4, phase: 'starting', notes: [{ stage: 's', text: 't' }] };
  assert.deepEqual(parseStatus(JSON.stringify(line)), line);
  const ready = { mode: 'app', stages: { init: 5 }, agentVersion: '1' };
  const times = { startedAt: exit.startedAt, calledAt: exit.endedAt };
  const whole = { ...line, ...times, phase: 'ended', ready, exit };
  assert.deepEqual(parseStatus(JSON.stringify(whole)), whole);
  assert.equal(parseStatus(JSON.stringify({ ...line, phase: 'asleep' })), undefined);
});

test('a spawn record needs a pid', () => {
  const record = { version: 1, pid: 5, startTime: 6, bootId: 'b', vm: 'v', slot: 0, exit: '/e' };
  assert.deepEqual(parseSpawnRecord(JSON.stringify(record)), record);
  assert.equal(parseSpawnRecord(JSON.stringify({ ...record, pid: 0 })), undefined);
});
