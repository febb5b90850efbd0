import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArgv } from '../argv/index.ts';
import { commandTree } from './index.ts';

const { commands, globals, groups } = commandTree;

test('every command has a summary, a description and an example', () => {
  for (const command of commands) {
    const called = command.path.join(' ');
    assert.ok(command.summary !== '' && command.description !== '', called);
    assert.ok(command.examples.length > 0, `${called} has no example`);
  }
});

test('every example is a command line that is understood', () => {
  for (const command of commands)
    for (const { command: line } of command.examples) {
      const own = /ignite .*?(?=$|[|>)])/.exec(line.replace(/\$\(.*?\)/, 'x'))?.[0].replace(/<.*$/, '') ?? '';
      const read = readArgv(commandTree, splitShell(own).slice(1));
      if ('error' in read) throw new Error(line, { cause: read.error });
    }
});

test('every command has behaviour behind it', async () => {
  for (const command of commands) assert.equal(typeof (await command.load()).run, 'function');
});

test('no command has two flags of one spelling', () => {
  for (const command of commands) {
    const flags = [...command.flags, ...globals];
    // A flag that yields to a value shares its other spelling with a global flag on purpose.
    const longs = flags.flatMap(({ long, also = [], yields }) => [long, ...(yields ? [] : also)]);
    const shorts = flags.flatMap((flag) => [...(flag.short ?? '')]);
    assert.deepEqual(longs, [...new Set(longs)], command.path.join(' '));
    assert.deepEqual(shorts, [...new Set(shorts)], command.path.join(' '));
  }
});

test('no two commands are called alike, and every group has its fallback', () => {
  const names = commands
    .flatMap((command) => [command.path, ...(command.also ?? [])])
    .map((path) => path.join(' '));
  assert.deepEqual(names, [...new Set(names)]);
  for (const group of groups) assert.ok(names.includes(group.fallback.join(' ')), group.name);
});

function splitShell(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}
