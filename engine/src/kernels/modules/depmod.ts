// What depmod(8) makes from a folder of modules, as the kernel package brings none of it: modules.dep(5),
// modules.alias, modules.softdep, modules.devname, and the binary forms that modprobe reads.
import { type IndexEntry, writeIndexFile } from './index-file.ts';
import { indexModules, loadOrder, type ModuleIndex } from './load-order.ts';
import { type Module, type ModuleTree, builtInName } from './module-tree.ts';

/** File name → content, to be put next to `kernel/`. */
export function makeModuleIndexes(tree: ModuleTree): ReadonlyMap<string, Buffer> {
  const dependencies = dependencyLines(tree);
  const aliases = tree.modules.flatMap((module, priority) =>
    module.aliases.map((alias) => ({ key: normalizeAlias(alias), value: module.name, priority })),
  );
  const builtIn = (tree.lists.get('modules.builtin')?.toString('latin1').split('\n') ?? []).filter(Boolean);
  return new Map([
    ['modules.dep', lines([...dependencies.values()].map(({ line }) => line))],
    ['modules.dep.bin', writeIndexFile([...dependencies.values()].map((each) => each.entry))],
    ['modules.alias', lines(aliases.map(({ key, value }) => `alias ${key} ${value}`))],
    ['modules.alias.bin', writeIndexFile(aliases)],
    ['modules.softdep', lines(softdepLines(tree))],
    ['modules.devname', lines(devnameLines(tree))],
    ['modules.symbols.bin', writeIndexFile([])],
    [
      'modules.builtin.bin',
      writeIndexFile(builtIn.map((line) => ({ key: builtInName(line), value: '', priority: 0 }))),
    ],
    ['modules.builtin.alias.bin', writeIndexFile(builtInAliases(tree.lists.get('modules.builtin.modinfo')))],
  ]);
}

function dependencyLines(
  tree: ModuleTree,
): ReadonlyMap<string, { readonly line: string; readonly entry: IndexEntry }> {
  const hard = indexModules(tree.modules.map((module) => ({ ...module, softdeps: [] })));
  return new Map(
    tree.modules.map((module, priority) => {
      const line = `${module.path}:${needs(tree, hard, module)
        .map((need) => ` ${need.path}`)
        .join('')}`;
      return [module.name, { line, entry: { key: module.name, value: line, priority } }];
    }),
  );
}

/** modprobe loads a line's modules from right to left, so what must be first stands last. */
function needs(tree: ModuleTree, hard: ModuleIndex, module: Module): readonly Module[] {
  return loadOrder(tree, hard, [module.name], { tolerant: true }).slice(0, -1).toReversed();
}

function softdepLines(tree: ModuleTree): readonly string[] {
  return tree.modules.flatMap((module) => module.softdeps.map((body) => `softdep ${module.name} ${body}`));
}

/** Device nodes that can be made before their module is loaded: `fuse fuse c10:229`. */
function devnameLines(tree: ModuleTree): readonly string[] {
  return tree.modules.flatMap((module) => {
    const name = module.aliases.find((alias) => alias.startsWith('devname:'))?.slice('devname:'.length);
    const node = module.aliases.map((alias) => /^(char|block)-major-(\d+)-(\d+)$/.exec(alias)).find(Boolean);
    if (name === undefined || !node) return [];
    return [`${module.name} ${name} ${node[1] === 'char' ? 'c' : 'b'}${node[2]}:${node[3]}`];
  });
}

/** modules.builtin.modinfo: NUL-separated `module.key=value`. */
function builtInAliases(info: Buffer | undefined): readonly IndexEntry[] {
  return (info?.toString('latin1').split('\0') ?? []).flatMap((line) => {
    const match = /^([^.]+)\.alias=(.+)$/s.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) return [];
    return [{ key: normalizeAlias(match[2]), value: match[1].replaceAll('-', '_'), priority: 0 }];
  });
}

/** Dashes become underscores, but not inside brackets (libkmod, alias_normalize). */
export function normalizeAlias(alias: string): string {
  return alias.replace(/\[[^\]]*\]|-/g, (part) => (part === '-' ? '_' : part));
}

function lines(list: readonly string[]): Buffer {
  return Buffer.from(list.map((line) => `${line}\n`).join(''), 'latin1');
}
