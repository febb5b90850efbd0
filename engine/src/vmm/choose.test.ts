import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { chooseVmm } from './choose.ts';
import type { VmmDriver, VmmProbe } from './port.ts';
import { qemuPlan } from './qemu/arguments.ts';
import { qemuControl } from './qemu/control.ts';

const signal = new AbortController().signal;

function driver(maxCpus: number, probe: VmmProbe): VmmDriver {
  return {
    name: 'qemu',
    capabilities: {
      diskFormats: ['raw'],
      pause: true,
      poweroffByAcpi: true,
      powerButton: true,
      maxCpus,
      nics: ['tap'],
      accelerators: ['tcg'],
      channels: 'ports',
    },
    probe: async () => probe,
    plan: qemuPlan,
    control: qemuControl,
  };
}

const works: VmmProbe = {
  usable: true,
  program: { binary: '/usr/bin/q', version: '7.2', runtime: [] },
  accelerator: 'tcg',
  reason: 'no KVM',
};

test('the first usable driver is taken, with the reason why it is slow', async () => {
  const choice = await chooseVmm(
    [driver(32, { usable: false, reason: 'missing' }), driver(32, works)],
    { cpus: 1, nics: [] },
    undefined,
    {},
    signal,
  );

  assert.equal(choice.program.binary, '/usr/bin/q');
  assert.equal(choice.reason, 'no KVM');
});

test('without --vmm a driver that lacks what is needed is passed over', async () => {
  const choice = await chooseVmm(
    [driver(1, works), driver(8, works)],
    { cpus: 4, nics: [] },
    undefined,
    {},
    signal,
  );

  assert.equal(choice.driver.capabilities.maxCpus, 8);
});

test('with --vmm the lack is an error that names one which has it', async () => {
  await assert.rejects(
    chooseVmm([driver(1, works), driver(8, works)], { cpus: 4, nics: [] }, 'qemu', {}, signal),
    (error) => isIgniteError(error, 'vmm/lacks-capability') && /use qemu/.test(error.message),
  );
});

test('an unknown name is refused with the known ones', async () => {
  await assert.rejects(
    chooseVmm([driver(1, works)], { cpus: 1, nics: [] }, 'vmware', {}, signal),
    (error) => isIgniteError(error, 'vmm/unknown') && /known: qemu/.test(error.message),
  );
});

test('PRE-07: when none is usable every reason is told', async () => {
  const gone = driver(8, { usable: false, reason: 'qemu is not installed' });

  await assert.rejects(
    chooseVmm([gone], { cpus: 1, nics: [] }, undefined, {}, signal),
    (error) => isIgniteError(error, 'vmm/none-usable') && /not installed/.test(error.message),
  );
});
