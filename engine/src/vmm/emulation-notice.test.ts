import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VmmChoice } from './choose.ts';
import { emulationNotice } from './emulation-notice.ts';
import { createQemuDriver } from './qemu/driver.ts';

const driver = createQemuDriver({
  commands: { run: () => assert.fail('nothing may be started') },
  verdicts: { load: async () => undefined, save: async () => {} },
  architecture: 'x86_64',
});
const choice = (accelerator: 'kvm' | 'tcg'): VmmChoice => ({
  driver,
  program: { binary: '/q', version: '7.2', runtime: [] },
  accelerator,
  reason: 'this host has no /dev/kvm',
});

function memory() {
  let value: unknown;
  return {
    load: async () => value,
    save: async (next: unknown) => {
      value = next;
    },
  };
}

test('emulation is told once in a boot, with its reason; KVM never', async () => {
  const file = memory();
  const notice = emulationNotice(file, 'boot-1');

  assert.equal(await notice(choice('kvm')), undefined);
  assert.match((await notice(choice('tcg'))) ?? '', /emulated.*no \/dev\/kvm/);
  assert.equal(await notice(choice('tcg')), undefined);
  assert.match((await emulationNotice(file, 'boot-2')(choice('tcg'))) ?? '', /emulated/);
});
