// The kernel that the host runs, with all its modules, becomes the kernel of a VM: `kernel import --host` where the host
// has a real one, of a distribution, most of it in modules.
import assert from 'node:assert/strict';
import { release } from 'node:os';
import { after, describe, test } from 'node:test';
import { ignite, igniteOk } from './ignite.ts';

/** The import is no matter of the VMM: once is enough. */
const skip = process.env['LAB_VMM'] === undefined ? false : 'only one VMM is tried';
const FLAGS = ['--vmm', 'qemu', '--accel', 'kvm', '--timeout', '300', '--memory', '256M'];
/** Loads a module that no boot needs, from the drive of all modules. */
const SCRIPT =
  'uname -r; modprobe dummy && grep -c "^dummy " /proc/modules; grep -c "^virtio_blk " /proc/modules';

describe('the kernel of the host', { skip }, () => {
  const name = `host:${release()}`;
  after(async () => void (await ignite(['kernel', 'rm', name])));

  test('is imported with its modules, and a VM boots it', async (t) => {
    const begun = performance.now();
    const uid = await igniteOk(['kernel', 'import', '--host']);
    const imported = performance.now();
    assert.match(await igniteOk(['kernel', 'ls']), new RegExp(`host:${release()} `));
    const said = await igniteOk(['run', '--rm', ...FLAGS, '--kernel', uid, 'lab:1', 'sh', '-c', SCRIPT]);
    assert.equal(said, `${release()}\n1\n1`);
    const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
    t.diagnostic(
      `imported ${name} in ${seconds(begun, imported)} s, run in ${seconds(imported, performance.now())} s`,
    );
  });

  test('is known by its name', async () => {
    const said = await igniteOk(['run', '--rm', ...FLAGS, '--kernel', name, 'lab:1', 'uname', '-r']);
    assert.equal(said, release());
  });
});
