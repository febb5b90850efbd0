// A guest on QEMU's machine microvm, with the words and the places that the driver gives its devices. The driver takes it with
// KVM and our own kernel alone; emulated, and with the distribution's modules, it shows that the devices are found.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { tscRate } from '../../../engine/src/vmm/index.ts';
import { timeout } from './in-vm.ts';
import { appConfig, makeRoot, startVm } from './vm.ts';

const SPAWN = new URL('../../../build/native/ignite-spawn', import.meta.url).pathname;

test('its channels and its root are found without PCI, and it powers itself off', { timeout }, async (t) => {
  const tscKhz = await tscRate({ commands: hostCommands(), spawn: SPAWN })();
  if (tscKhz === undefined) return t.skip('without a known TSC the kernel hangs in one emulated boot of ten');
  const folder = mkdtempSync(join(tmpdir(), 'ignite-microvm-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'root.ext4');
  makeRoot(root, 16);
  const config = appConfig(
    ['sh', '-c', 'ls /sys/bus/pci/devices; echo up; exit 5'],
    {},
    { powerOff: 'acpi' },
  );
  await using vm = await startVm({ config, root, microvm: { tscKhz } });
  // Its end may be heard of before its last words, which lie in the socket then.
  const lost = Promise.all([vm.ended, vm.facts.closed]).then(() =>
    assert.fail(`it ended early: ${vm.console()}`),
  );
  assert.deepEqual(await Promise.race([vm.facts.done, lost]), { code: 5, oom: false });
  await vm.ended;
  assert.equal(vm.facts.stdout().toString(), 'up\n');
});
