import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExitRecord } from '../supervisor/port.ts';
import { describeEnd, endedBy, endedWithHost, endOf, endWithoutRecord, exitStatus } from './end.ts';

const clean: ExitRecord = {
  boot: 'b',
  startedAt: '2026-01-01T00:00:00Z',
  endedAt: '2026-01-01T00:01:00Z',
  vmm: { code: 0 },
  ready: true,
  killed: false,
};

for (const [what, exit, console, how] of [
  ['the command ended', { ...clean, main: { code: 3, oom: false } }, '', 'command'],
  [
    'the command ended while it was being killed',
    { ...clean, main: { code: 0, oom: false }, killed: true },
    '',
    'command',
  ],
  ['killed', { ...clean, killed: true, vmm: { signal: 9 } }, '', 'killed'],
  ['the guest powered off', { ...clean, intent: 'poweroff' }, '', 'poweroff'],
  ['the guest rebooted', { ...clean, intent: 'reboot' }, '', 'reboot'],
  ['a clean end without a word', clean, '', 'poweroff'],
  ['a reboot without a word', clean, '[  9.1] reboot: Restarting system\r\n', 'reboot'],
  ['a reset without a word, told by the supervisor', { ...clean, reset: true }, '', 'reboot'],
  [
    'a panic that is followed by a reset',
    { ...clean, reset: true },
    'Kernel panic - not syncing: x',
    'panic',
  ],
  ['a panic', clean, 'Kernel panic - not syncing: VFS', 'panic'],
  ['a VMM that crashed', { ...clean, vmm: { signal: 11 } }, '', 'vmm-crashed'],
  ['a VMM that refused', { ...clean, vmm: { code: 1 }, ready: false }, '', 'vmm-crashed'],
] as const)
  test(`${what}: ${how}`, () => {
    assert.equal(endOf(exit, console), how);
  });

test('an end without a record is the host’s or the supervisor’s', () => {
  assert.equal(endWithoutRecord('a', 'a'), 'supervisor-lost');
  assert.equal(endWithoutRecord('a', 'b'), 'host-rebooted');
});

test('who ended it: whoever asked all VMs to end, a person, the host, or the guest', () => {
  assert.equal(endedBy('command', true), 'guest');
  assert.equal(endedBy('command', false), 'user');
  assert.equal(endedBy('vmm-crashed', true), 'host');
  assert.equal(endedBy('command', true, 'host'), 'host');
  assert.equal(endedBy('killed', true, 'host'), 'host');
  assert.equal(endedBy('command', true, 'user'), 'user');
  assert.equal(endedWithHost({ how: 'command', by: 'host' }), true);
  assert.equal(endedWithHost({ how: 'vmm-crashed', by: 'host' }), false);
  assert.equal(endedWithHost({ how: 'command', by: 'user' }), false);
});

test('words and exit status', () => {
  assert.equal(describeEnd({ how: 'command', code: 42 }), 'exit 42');
  assert.equal(describeEnd({ how: 'command', signal: 9, oom: true }), 'out of memory');
  assert.equal(describeEnd({ how: 'reboot' }), 'guest rebooted');
  assert.equal(exitStatus({ code: 42 }), 42);
  assert.equal(exitStatus({ signal: 15 }), 143);
  assert.equal(exitStatus({}), undefined);
});
