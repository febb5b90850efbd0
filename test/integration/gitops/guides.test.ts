// The guides: every block of commands that is not marked as text is run, in order.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { manifest, openWorld, type World } from '../declare/world.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { guideBlocks } from '../../fixtures/guide.ts';
import { followed } from './followed.ts';
import { makePusher } from './repository.ts';

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
  let commands = 0;
  for (const { language, file, edit, exit, shows, body } of guideBlocks(guide)) {
    if (language === 'yaml' && file !== undefined) await writeFile(join(world.folder, file), standIn(body));
    if (language !== 'sh') continue;
    if (edit !== undefined) {
      const path = join(world.folder, edit.file);
      await writeFile(path, (await readFile(path, 'utf8')).replace(edit.from, edit.to));
    }
    for (const line of body.trim().split('\n')) {
      const words = line.replace('/var/lib/firecracker', 'firecracker').replace(/^ignite /, '');
      const { code, stdout, stderr } = await world.ignite(words.split(' '));
      if (exit !== 'any') assert.equal(String(code), exit, `${guide}: ${line}\n${stderr}`);
      assert.ok(stdout.includes(shows ?? ''), `${guide}: ${line}\n${stdout}`);
      commands += 1;
    }
  }
  return commands;
}

/** The stand-in VMM knows its own kernel arguments alone. */
function standIn(text: string): string {
  const network = text.includes('ignite.weave.works') ? '' : '  network: {mode: none}\n';
  return text.replace(/^spec:\n/m, `spec:\n  kernel: {cmdLine: ready=app serve}\n${network}`);
}

/** What the original leaves on a host: a VM that ran, with its record. */
async function originalState(): Promise<void> {
  const path = join(world.folder, 'firecracker/vm/aaaa0000bbbb1111');
  await mkdir(path, { recursive: true });
  const vm = {
    kind: 'VM',
    apiVersion: 'ignite.weave.works/v1alpha4',
    metadata: { name: 'my-vm', uid: 'aaaa0000bbbb1111', created: '2021-06-01T10:00:00Z' },
    spec: { image: { oci: 'registry.test/image:1' }, network: { ports: [{ hostPort: 8080, vmPort: 80 }] } },
    status: { running: true },
  };
  await writeFile(join(path, 'metadata.json'), JSON.stringify(vm));
}

test('the guide to manifests', async () => {
  assert.ok((await follow('declarative.md')) >= 8);
  assert.deepEqual(world.house.vms.list(), []);
});

test('the guide to moving from Weave Ignite', async () => {
  await originalState();
  assert.ok((await follow('moving-from-weave-ignite.md')) >= 6);
  assert.deepEqual(
    world.house.vms.list().map(({ metadata }) => metadata.name),
    ['my-vm'],
  );
  await world.ignite(['rm', '-f', 'my-vm']);
});

test('the guide to GitOps', async () => {
  const repo = makePusher(world.folder);
  await repo.push({ 'a.yaml': manifest('a', { running: false }) });
  const { done } = await followed(world, { git: { url: repo.bare, interval: 3600 } }, ending.signal);
  assert.ok((await follow('gitops.md')) >= 2);
  ending.abort();
  await done;
});
