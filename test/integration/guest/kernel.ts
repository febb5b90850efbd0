// The kernel of these tests: an ELF vmlinux and the modules a boot needs, given by environment or in a fixed cache.
import { readFileSync } from 'node:fs';
import { mkdtempSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { encodeCpio } from '../../../engine/src/guest/cpio.ts';
import type { KernelRecord } from '../../../engine/src/kernels/port.ts';

const MODULES = [
  'virtio_ring',
  'virtio',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'virtio_blk',
  'failover',
  'net_failover',
  'virtio_net',
  'virtio_console',
];

const prepared = new URL('../../../build/test-kernel/', import.meta.url).pathname;
let made: KernelRecord | undefined;

/**
 * An ELF vmlinux and a folder with its .ko files, below build/test-kernel or where `IGNITE_TEST_VMLINUX` and
 * `IGNITE_TEST_MODULES` say; undefined where there is none.
 */
export function findTestKernel(): { vmlinux: string; modules: string } | undefined {
  const vmlinux = process.env['IGNITE_TEST_VMLINUX'] ?? join(prepared, 'vmlinux');
  const modules = process.env['IGNITE_TEST_MODULES'] ?? join(prepared, 'modules');
  return existsSync(vmlinux) && existsSync(modules) ? { vmlinux, modules } : undefined;
}

export function testKernel(): KernelRecord {
  const found = findTestKernel();
  if (found === undefined) throw new Error('No kernel for the tests');
  made ??= record(found);
  return made;
}

function record(found: { vmlinux: string; modules: string }): KernelRecord {
  const files = execFileSync('find', ['-L', found.modules, '-name', '*.ko'], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const paths = MODULES.map((name) => files.find((file) => basename(file) === `${name}.ko`)).filter(
    (path) => path !== undefined,
  );
  const cpio = encodeCpio([
    { name: 'ignite', mode: 0o040755 },
    { name: 'ignite/mod', mode: 0o040755 },
    {
      name: 'ignite/modules',
      mode: 0o100644,
      content: Buffer.from(`${paths.map((path) => basename(path)).join('\n')}\n`),
    },
    ...paths.map((path) => ({
      name: `ignite/mod/${basename(path)}`,
      mode: 0o100644,
      content: readFileSync(path),
    })),
  ]);
  const modulesCpio = join(mkdtempSync(join(tmpdir(), 'ignite-modules-')), 'modules.cpio');
  writeFileSync(modulesCpio, cpio);
  return {
    reference: 'test',
    uid: '0'.repeat(16),
    digest: '',
    version: '',
    created: '',
    size: 0,
    architecture: 'amd64',
    vmlinux: found.vmlinux,
    modulesCpio,
    features: {},
  };
}
