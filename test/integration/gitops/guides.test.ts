// The guides: every block of commands that is not marked as text is run, in order.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { manifest, openWorld, type World } from '../declare/world.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { followed } from './followed.ts';
import { makePusher } from './repository.ts';

const GUIDES = join(import.meta.dirname, '../../../docs/guides');

let world: World;
const ending = new AbortController();

before(async () => {
  buildPrograms();
  world = await openWorld();
  await mkdir(join(world.folder, 'shop'));
});
after(async () => {
  ending.abort();
  await world[Symbol.asyncDispose]();
});

/** Runs the blocks of a guide; commands are those of `ignite`. */
async function follow(guide: string): Promise<number> {
  const text = await readFile(join(GUIDES, guide), 'utf8');
  let commands = 0;
  for (const [, language, words = '', body = ''] of text.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)) {
    const file = /file=(\S+)/.exec(words)?.[1];
    // The stand-in VMM knows its own kernel arguments alone.
    if (language === 'yaml' && file !== undefined)
      await writeFile(
        join(world.folder, file),
        `${body}  kernel: {cmdLine: ready=app serve}\n  network: {mode: none}\n`,
      );
    if (language !== 'sh') continue;
    const [, edited, from = '', to = ''] = /edit=(\S+) s\/([^/]*)\/([^/]*)\//.exec(words) ?? [];
    if (edited !== undefined) {
      const path = join(world.folder, edited);
      await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
    }
    const wanted = /exit=(\w+)/.exec(words)?.[1] ?? '0';
    for (const line of body.trim().split('\n')) {
      const { code, stderr } = await world.ignite(line.replace(/^ignite /, '').split(' '));
      if (wanted !== 'any') assert.equal(String(code), wanted, `${guide}: ${line}\n${stderr}`);
      commands += 1;
    }
  }
  return commands;
}

test('the guide to manifests', async () => {
  assert.ok((await follow('declarative.md')) >= 8);
  assert.deepEqual(world.house.vms.list(), []);
});

test('the guide to GitOps', async () => {
  const repo = makePusher(world.folder);
  await repo.push({ 'a.yaml': manifest('a', { running: false }) });
  const { done } = await followed(world, { git: { url: repo.bare, interval: 3600 } }, ending.signal);
  assert.ok((await follow('gitops.md')) >= 2);
  ending.abort();
  await done;
});
