import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { makeModuleIndexes, normalizeAlias } from './depmod.ts';
import { writeIndexFile } from './index-file.ts';
import { indexModules, loadOrder } from './load-order.ts';
import type { Module, ModuleTree } from './module-tree.ts';

function module(name: string, depends: readonly string[] = [], more: Partial<Module> = {}): Module {
  return {
    name,
    depends,
    aliases: [],
    softdeps: [],
    path: `kernel/${name}.ko`,
    file: `/nowhere/${name}.ko`,
    size: 1,
    ...more,
  };
}

function tree(modules: readonly Module[], builtIn: readonly string[] = []): ModuleTree {
  const list = builtIn.map((name) => `kernel/${name}.ko\n`).join('');
  return {
    modules,
    builtIn: new Set(builtIn),
    lists: new Map([['modules.builtin', Buffer.from(list)]]),
    digest: '00',
  };
}

function order(modules: ModuleTree, wanted: readonly string[]): readonly string[] {
  return loadOrder(modules, indexModules(modules.modules), wanted).map((each) => each.name);
}

test('everything a module needs is loaded before it, once', () => {
  const all = tree([module('a', ['b', 'c']), module('b', ['d']), module('c', ['d']), module('d')]);
  assert.deepEqual(order(all, ['a', 'c']), ['d', 'b', 'c', 'a']);
});

test('what is built in or unknown is left out; what is missing is an error', () => {
  const all = tree([module('a', ['b']), module('c', ['x'])], ['b']);
  assert.deepEqual(order(all, ['a', 'b', 'nothing']), ['a']);
  assert.throws(
    () => order(all, ['c']),
    (error) => isIgniteError(error, 'kernels/module') && /needs x/.test(error.message),
  );
});

test('a circle is named', () => {
  const all = tree([module('a', ['b']), module('b', ['a'])]);
  assert.throws(() => order(all, ['a']), /a → b → a/);
});

test('soft dependencies come first, also by alias', () => {
  const all = tree([
    module('ext4', ['jbd2'], { softdeps: ['pre: crc32c'] }),
    module('jbd2'),
    module('crc32c_generic', [], { aliases: ['crc32c'] }),
  ]);
  assert.deepEqual(order(all, ['ext4']), ['crc32c_generic', 'jbd2', 'ext4']);
});

test('a line of modules.dep ends with what must be loaded first', () => {
  const files = makeModuleIndexes(tree([module('a', ['b']), module('b', ['c']), module('c')]));
  assert.equal(
    files.get('modules.dep')?.toString(),
    'kernel/a.ko: kernel/b.ko kernel/c.ko\nkernel/b.ko: kernel/c.ko\nkernel/c.ko:\n',
  );
});

test('a module whose need is in another package keeps its line, without it', () => {
  const files = makeModuleIndexes(tree([module('a', ['b', 'elsewhere']), module('b')]));
  assert.equal(files.get('modules.dep')?.toString(), 'kernel/a.ko: kernel/b.ko\nkernel/b.ko:\n');
});

test('devices that a module serves are listed with their numbers', () => {
  const fuse = module('fuse', [], { aliases: ['fs-fuse', 'devname:fuse', 'char-major-10-229'] });
  assert.equal(
    makeModuleIndexes(tree([fuse]))
      .get('modules.devname')
      ?.toString(),
    'fuse fuse c10:229\n',
  );
});

test('dashes of an alias become underscores, but not in brackets', () => {
  assert.equal(normalizeAlias('net-pf-[0-9]-x'), 'net_pf_[0-9]_x');
});

test('an index holds its keys as a trie', () => {
  const file = writeIndexFile([
    { key: 'ab', value: 'two', priority: 1 },
    { key: 'a', value: 'one', priority: 0 },
  ]);
  assert.equal(file.toString('hex', 0, 8), 'b007f45700020001');
  const root = file.readUInt32BE(8);
  // prefix "a", one child, one value
  assert.equal(root >>> 28, 0xe);
  const at = root & 0x0fffffff;
  assert.equal(file.toString('latin1', at, at + 4), 'a\0bb');
});
