// The program of a user network: started before the VMM, introduced to the guest's MAC, told when it ends, and gone with
// the VM. A script stands for passt: it goes into the background and keeps its connection.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import type { Launch } from '../../../engine/src/supervisor/index.ts';
import { eventually, makeWorld, STAND_IN, soon, statusWhere, type World } from './world.ts';

const MAC = '02:00:00:00:00:01';
/** u32 length, broadcast, MAC, ARP announcement of 10.0.2.15 (RFC 5227). */
const ANNOUNCEMENT =
  '0000002a' +
  'ffffffffffff020000000001' +
  '08060001080006040001' +
  '0200000000010a00020f0000000000000a00020f';

async function withProgram(world: World, script: string): Promise<Partial<Launch>> {
  const program = join(world.root, 'program');
  await writeFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return {
    argv: [STAND_IN, 'console=3', 'show=fds', 'serve'],
    descriptors: [
      { fd: 3, kind: 'console' },
      { fd: 7, kind: 'net' },
    ],
    userNetwork: { argv: [program, join(world.root, 'frames')], mac: MAC, address: '10.0.2.15', deny: [] },
  };
}

test('the program has its connection, learns the MAC, and ends with the VM', async () => {
  await using world = await makeWorld();
  const keep = '(echo up > "$1.up"; cat <&3 > "$1"; echo ended >> "$1.up") </dev/null >/dev/null 2>&1 &';
  const handle = await world.start([], await withProgram(world, keep));
  const frames = join(world.root, 'frames');

  await eventually(
    () => readFile(frames, 'hex').catch(() => ''),
    (hex) => hex === ANNOUNCEMENT,
  );
  await handle.kill(soon());
  await handle.ended;

  assert.match(await readFile(join(world.logs, 'vmm.log'), 'utf8'), /^fds: 0 1 2 3 7$/m);
  await eventually(world.processes, (pids) => pids.length === 0);
});

test('a program that ends while the VM runs is noted; the VM goes on', async () => {
  await using world = await makeWorld();
  const handle = await world.start([], await withProgram(world, 'sleep 0.2 &'));

  const { notes, phase } = await statusWhere(handle, (status) =>
    status.notes.some((note) => note.stage === 'net'),
  );

  assert.match(notes.at(-1)?.text ?? '', /no network until the next start/);
  assert.notEqual(phase, 'ended');
});

for (const [what, script, text] of [
  ['cannot have its port', 'echo; echo "Failed to bind port 80" >&2; exit 1', /Failed to bind port 80/],
  ['says nothing', 'exit 3', /ended without a word/],
] as const)
  test(`a program that ${what} fails the start, and nothing is left`, async () => {
    await using world = await makeWorld();
    const launch = world.launch([], await withProgram(world, script));

    await assert.rejects(world.supervisor.start(launch, soon()), (error) => {
      assert.ok(isIgniteError(error, 'supervisor/start-failed'));
      assert.equal(error.stage, 'net');
      assert.match(error.message, text);
      return true;
    });
    await eventually(world.processes, (pids) => pids.length === 0);
  });
