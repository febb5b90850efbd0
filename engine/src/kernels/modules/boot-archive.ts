// Builds the part of the initrd that depends on the kernel alone: the modules a boot needs, in load order.
import { readFile } from 'node:fs/promises';
import { BOOT_MODULES, LATER_MODULES } from './boot-set.ts';
import { type CpioEntry, writeCpio } from './cpio.ts';
import { indexModules, loadOrder } from './load-order.ts';
import type { Module, ModuleTree } from './module-tree.ts';

/**
 * The contract with ignite-init: `/ignite/modules` has one file name of `/ignite/mod/` a line, to be loaded in that
 * order before drives are looked for; `/ignite/modules-later` the same for what can wait. Undefined where everything
 * is built in.
 */
export async function buildBootArchive(tree: ModuleTree): Promise<Buffer | undefined> {
  const index = indexModules(tree.modules);
  const taken = new Set<string>();
  const boot = loadOrder(tree, index, BOOT_MODULES, { taken });
  const later = loadOrder(tree, index, LATER_MODULES, { taken });
  if (boot.length + later.length === 0) return undefined;
  const files = await Promise.all([...boot, ...later].map(fileEntry));
  return writeCpio([
    { name: 'ignite', mode: 0o040755 },
    listEntry('ignite/modules', boot),
    listEntry('ignite/modules-later', later),
    { name: 'ignite/mod', mode: 0o040755 },
    ...files,
  ]);
}

function listEntry(name: string, modules: readonly Module[]): CpioEntry {
  const content = Buffer.from(modules.map((module) => `${module.name}.ko\n`).join(''), 'latin1');
  return { name, mode: 0o100644, content };
}

async function fileEntry(module: Module): Promise<CpioEntry> {
  return { name: `ignite/mod/${module.name}.ko`, mode: 0o100644, content: await readFile(module.file) };
}
