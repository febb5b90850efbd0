// Reads what a kernel module says about itself: the `.modinfo` section, NUL-separated `key=value` (modinfo(8)).
import { IgniteError } from '@ignite/api';
import { findSection } from '../elf.ts';

export interface ModuleInfo {
  /** As `lsmod` shows it: with underscores. */
  readonly name: string;
  /** Names of the modules whose symbols it uses. */
  readonly depends: readonly string[];
  readonly aliases: readonly string[];
  /** Bodies of softdep lines: `pre: crc32c`. */
  readonly softdeps: readonly string[];
}

/** The kernel's own names use underscores where file names may have dashes. */
function moduleName(word: string): string {
  return word.replaceAll('-', '_');
}

/**
 * @param bytes the uncompressed `.ko`
 * @param path its path, for the name and for errors
 * @throws IgniteError `kernels/module`, `kernels/corrupt`
 */
export function readModuleInfo(bytes: Buffer, path: string): ModuleInfo {
  const section = findSection(bytes, '.modinfo');
  if (section === undefined) {
    throw new IgniteError('kernels/module', `The module ${path} has no .modinfo section`, {
      details: { path },
    });
  }
  const values = new Map<string, string[]>();
  for (const line of section.toString('latin1').split('\0')) {
    const equals = line.indexOf('=');
    if (equals <= 0) continue;
    const key = line.slice(0, equals);
    const known = values.get(key);
    if (known === undefined) values.set(key, [line.slice(equals + 1)]);
    else known.push(line.slice(equals + 1));
  }
  return {
    name: moduleName(fileModuleName(path)),
    depends: splitNames(values.get('depends')?.[0] ?? ''),
    aliases: values.get('alias') ?? [],
    softdeps: values.get('softdep') ?? [],
  };
}

/** `kernel/drivers/block/virtio_blk.ko` → `virtio_blk`, the name that modprobe uses. */
function fileModuleName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.ko(\.(xz|gz|zst))?$/, '');
}

function splitNames(list: string): readonly string[] {
  return list
    .split(',')
    .filter((name) => name !== '')
    .map(moduleName);
}
