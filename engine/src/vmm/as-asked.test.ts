import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { accelerateAsAsked } from './as-asked.ts';
import type { VmmChoice } from './choose.ts';
import type { Accelerator } from './port.ts';
import { createQemuDriver } from './qemu/driver.ts';

const driver = createQemuDriver({
  commands: { run: () => assert.fail('nothing is started') },
  verdicts: { load: async () => undefined, save: async () => {} },
  architecture: 'x86_64',
});

function chosen(accelerator: Accelerator, reason?: string): VmmChoice {
  const program = { binary: '/usr/bin/q', version: '7.2', runtime: [] };
  const choice = { driver, program, accelerator } as const;
  return reason === undefined ? choice : { ...choice, reason };
}

test('without a wish, or where it is met, the choice stands', () => {
  const choice = chosen('tcg', 'no KVM');
  assert.equal(accelerateAsAsked(choice, undefined), choice);
  assert.equal(accelerateAsAsked(choice, 'tcg'), choice);
});

test('KVM that cannot be used is refused with the reason', () => {
  assert.throws(
    () => accelerateAsAsked(chosen('tcg', '/dev/kvm may not be opened'), 'kvm'),
    (error) => isIgniteError(error, 'vmm/no-kvm') && error.message.includes('/dev/kvm may not be opened'),
  );
});

test('emulation can be had where KVM works', () => {
  assert.equal(accelerateAsAsked(chosen('kvm'), 'tcg').accelerator, 'tcg');
});
