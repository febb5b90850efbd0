// In which order modules must be loaded: everything a module needs comes before it. Debian's kernel package has no
// modules.dep, and a wrong order shows as ENOENT in the guest, so the modules' own `depends` are followed.
import { IgniteError } from '@ignite/api';
import type { Module, ModuleTree } from './module-tree.ts';

/** Looks modules up by name. */
export type ModuleIndex = ReadonlyMap<string, Module>;

/** The modules by name. */
export function indexModules(modules: readonly Module[]): ModuleIndex {
  return new Map(modules.map((module) => [module.name, module]));
}

/**
 * The wanted modules with all they need, each after what it needs. Names that are built in, or that the kernel does
 * not have at all, are left out; a module that another needs must be there.
 * @param options.taken modules that are loaded already; extended by what is returned
 * @param options.tolerant a need that is missing is passed over, as depmod does: Ubuntu keeps rare modules in a package
 *   of their own, and modules of the main one may need them
 * @throws IgniteError `kernels/module`
 */
export function loadOrder(
  tree: ModuleTree,
  index: ModuleIndex,
  wanted: readonly string[],
  options: { readonly taken?: Set<string>; readonly tolerant?: boolean } = {},
): readonly Module[] {
  const { taken = new Set<string>(), tolerant = false } = options;
  const order: Module[] = [];
  const visit = (module: Module, path: readonly string[]): void => {
    if (taken.has(module.name)) return;
    if (path.includes(module.name)) throw circle([...path, module.name]);
    for (const need of softNeeds(tree, index, module)) visit(need, [...path, module.name]);
    for (const name of module.depends) {
      const need = index.get(name);
      if (need !== undefined) visit(need, [...path, module.name]);
      else if (!tolerant && !tree.builtIn.has(name)) throw missing(module, name);
    }
    taken.add(module.name);
    order.push(module);
  };
  for (const name of wanted) {
    const module = index.get(name);
    if (module !== undefined) visit(module, []);
  }
  return order;
}

/** `softdep pre:` names modules or aliases that should be there first: ext4 wants a crc32c. */
function softNeeds(tree: ModuleTree, index: ModuleIndex, module: Module): readonly Module[] {
  const words = module.softdeps.flatMap(
    (line) => /(?:^|\s)pre:([^:]*)(?:\s+post:|$)/.exec(line)?.[1]?.split(/\s+/) ?? [],
  );
  return words
    .filter((word) => word !== '')
    .flatMap((word) => {
      const name = word.replaceAll('-', '_');
      const named = index.get(name);
      if (named !== undefined) return [named];
      if (tree.builtIn.has(name)) return [];
      return tree.modules.filter((each) => each.aliases.includes(word));
    })
    .filter((need) => need.name !== module.name);
}

function circle(path: readonly string[]): IgniteError {
  return new IgniteError('kernels/module', `The kernel modules ${path.join(' → ')} need each other`);
}

function missing(module: Module, name: string): IgniteError {
  return new IgniteError(
    'kernels/module',
    `The kernel module ${module.name} needs ${name}, which is missing`,
    {
      details: { module: module.name, needs: name },
    },
  );
}
