// Facts about a kernel that the VMM drivers choose by, from its build configuration.
import { gunzipSync } from 'node:zlib';
import type { KernelRecord } from './port.ts';

type KernelFeatures = KernelRecord['features'];

const IKCONFIG_START = Buffer.from('IKCFG_ST', 'latin1');
const IKCONFIG_END = Buffer.from('IKCFG_ED', 'latin1');
const MAX_CONFIG = 4 << 20;

/**
 * @param config text of `/boot/config-VERSION`; where it is undefined, what the kernel carries itself is used
 */
export function readFeatures(vmlinux: Buffer, config: string | undefined, pvh: boolean): KernelFeatures {
  const text = config ?? embeddedConfig(vmlinux);
  if (text === undefined) return { pvh };
  const on = (name: string) => text.includes(`\n${name}=y\n`);
  return {
    pvh,
    virtioMmioCmdline: on('CONFIG_VIRTIO_MMIO') && on('CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES'),
    virtioBuiltIn:
      on('CONFIG_VIRTIO_BLK') &&
      on('CONFIG_VIRTIO_NET') &&
      on('CONFIG_VIRTIO_CONSOLE') &&
      on('CONFIG_VIRTIO_PCI'),
  };
}

/** CONFIG_IKCONFIG: a gzip file between two marks (kernel/configs.c). */
function embeddedConfig(vmlinux: Buffer): string | undefined {
  const start = vmlinux.indexOf(IKCONFIG_START);
  if (start < 0) return undefined;
  const end = vmlinux.indexOf(IKCONFIG_END, start);
  if (end < 0) return undefined;
  try {
    const packed = vmlinux.subarray(start + IKCONFIG_START.length, end);
    return gunzipSync(packed, { maxOutputLength: MAX_CONFIG }).toString('utf8');
  } catch {
    return undefined; // the mark alone also stands in the strings of tools
  }
}
