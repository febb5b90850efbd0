// Ends of the crossing table that only a real guest and a real VMM have (further ones: lives.test.ts, machine.test.ts): one VM,
// ended in each of these ways and started again, and one whose host has no room left. Each is told by its own word, and address,
// disk and network are as they were.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VmDocument } from '@ignite/client';
import { type OwnDaemon, startOwnDaemon } from './faults/own-daemon.ts';
import {
  ignite,
  igniteOk,
  image,
  inspect,
  pushBusybox,
  registry,
  statusOf,
  vmName,
  waitFor,
} from './world/index.ts';

const PATIENCE_MS = 180_000;
/** Room for the image, the disk of one VM, and little more. */
const STATE_BYTES = 160 << 20;
/** Sleeps until it is asked to end, or to take all memory; when it is started again it sleeps again. */
const COMMAND = `trap 'exit 0' TERM; while [ ! -e /greedy ]; do sleep 0.2; done; rm /greedy; sync
exec dd if=/dev/zero of=/dev/null bs=$(( $(awk '/MemTotal/{print $2}' /proc/meminfo) - 3000 ))k count=1`;
const LEAN = ['--memory', '192M', '--cpus', '1'];

describe('ends of a real VM', () => {
  const name = vmName({ after }, 'ends');
  let address: readonly string[] = [];
  before(async () => {
    await igniteOk(['run', '-d', '--name', name, ...LEAN, image('busybox'), 'sh', '-c', COMMAND]);
    address = (await inspect(name)).status.network?.ipAddresses ?? [];
    await igniteOk(['exec', name, 'sh', '-c', 'echo kept > /root/file; sync']);
  });

  const ends = [
    {
      how: 'guest panic',
      // The guest is gone before exec can answer.
      end: () => ignite(['exec', name, 'sh', '-c', 'echo c > /proc/sysrq-trigger']),
      state: /^Failed \(kernel panic\)/,
    },
    {
      how: 'out of memory',
      end: () => ignite(['exec', name, 'touch', '/greedy']), // which may end with the guest
      state: /^Stopped \(out of memory\)/,
    },
    {
      how: 'VMM kill -9',
      end: async () => process.kill(Number((await inspect(name)).status.runtime.id), 'SIGKILL'),
      state: /^Failed \(VMM crashed\)/,
    },
  ] as const;

  for (const { how, end, state } of ends)
    test(how, async () => {
      await end();
      await waitFor(`it is told: ${how}`, async () => state.test((await statusOf(name)) ?? ''), PATIENCE_MS);
      const { status } = await inspect(name);
      assert.deepEqual([status.running, status.agent], [false, 'none']);
      assert.notEqual(status.endedBy, 'user');
      for (const verb of ['stop', 'kill']) assert.equal((await ignite([verb, name])).code, 0, verb);
      assert.equal((await ignite(['exec', name, 'true'])).code, 125);
      assert.match((await statusOf(name)) ?? '', state, 'no verb changes how it ended');

      await igniteOk(['start', name]);
      assert.deepEqual((await inspect(name)).status.network?.ipAddresses, address);
      assert.equal(await igniteOk(['exec', name, 'cat', '/root/file']), 'kept');
    });
});

describe('a small disk', () => {
  const name = 'writer';
  const LINES = 1_000_000;
  let own: OwnDaemon;
  const filler = () => join(own.place.state, 'filler');
  const fill = () => writeFile(filler(), Buffer.alloc(STATE_BYTES)).catch(() => {}); // until it is full
  const makeRoom = () => rm(filler());
  const ok = async (argv: readonly string[]) => {
    const { code, stdout, stderr } = await own.ignite(argv);
    assert.equal(code, 0, `ignite ${argv.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const shown = async () => ok(['ps', '-a', '--format', '{{.Status}}']);
  const becomes = (state: RegExp) =>
    waitFor(String(state), async () => state.test(await shown()), PATIENCE_MS);

  before(async () => {
    own = await startOwnDaemon({ stateBytes: STATE_BYTES });
    await ok(['run', '-d', '--name', name, ...LEAN, image('busybox'), 'sh', '-c', COMMAND]);
  });
  after(async () => {
    await using ending = own;
    await rm(filler(), { force: true });
    await ending.ignite(['rm', '-f', name]);
  });

  test('full: a guest whose write finds no room is paused, told with the reason; with room it goes on, and has lost nothing', async () => {
    await fill();
    const write = ['exec', name, 'sh', '-c', `seq ${LINES} > /root/lines && sync`];
    const writing = own.ignite(write);
    await becomes(/^Paused \(disk full\)/);
    const refused = await own.ignite(['exec', name, 'true']);
    assert.equal(refused.code, 125);
    assert.match(refused.stderr, /no room[\s\S]*ignite unpause/);
    await makeRoom();
    await ok(['unpause', name]);
    await becomes(/^Up /);
    // A guest that had something of its own to write was paused before the command began.
    const { code, stderr } = await writing;
    if (code === 125) await ok(write);
    else assert.equal(code, 0, stderr);
    assert.equal(await ok(['exec', name, 'sh', '-c', 'wc -l < /root/lines']), String(LINES));
  });

  test('full: VMM kill -9 is told; nothing starts until there is room, then with address and disk as they were', async () => {
    const look = async () => JSON.parse(await ok(['inspect', 'vm', name])) as VmDocument;
    const { status } = await look();
    await fill();
    process.kill(Number(status.runtime.id), 'SIGKILL');
    await becomes(/^Failed \(VMM crashed\)/);
    for (const verb of ['stop', 'kill']) await ok([verb, name]);
    const refused = await own.ignite(['start', name]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Nothing can be started[\s\S]*is full/);
    assert.match(await shown(), /^Failed/);
    await makeRoom();
    await ok(['start', name]);
    const after = await look();
    assert.deepEqual(after.status.network?.ipAddresses, status.network?.ipAddresses);
    assert.equal(await ok(['exec', name, 'sh', '-c', 'wc -l < /root/lines']), String(LINES));
  });

  test('system prune takes what does not run and what nothing uses, and leaves the rest', async () => {
    await pushBusybox(registry(), 'spare', { Cmd: ['true'] });
    await ok(['pull', image('spare')]);
    for (const volume of ['used', 'unused']) await ok(['volume', 'create', volume, '--size', '32M']);
    const gone = await ok(['create', '--name', 'gone', image('busybox'), 'true']);
    await ok(['create', '--name', 'guarded', '-v', 'used:/data', image('busybox'), 'true']);
    await ok(['protect', 'guarded']);
    const list = async (...argv: string[]) => (await ok(argv)).split('\n').toSorted();
    const vms = () => list('ps', '-a', '--format', '{{.Names}}');
    const images = async () => (await ok(['images'])).includes('/spare');

    assert.equal(await ok(['system', 'prune', '-f']), gone);
    assert.deepEqual(await vms(), ['guarded', name]);
    assert.ok(await images(), 'it has a name');
    assert.deepEqual(await list('volume', 'ls', '-q'), ['unused', 'used']);

    const pruned = await list('system', 'prune', '-f', '-a', '--volumes');
    assert.equal(pruned.length, 2, pruned.join());
    assert.ok(pruned.includes('unused'));
    assert.ok(!(await images()));
    assert.deepEqual(await list('volume', 'ls', '-q'), ['used']);
    assert.deepEqual(await vms(), ['guarded', name]);
    assert.equal(await ok(['exec', name, 'echo', 'still here']), 'still here');
    await ok(['unprotect', 'guarded']);
    await ok(['rm', 'guarded']);
    assert.equal(await ok(['system', 'prune', '-f', '-a', '--volumes']), 'used');
    assert.equal(await ok(['exec', name, 'echo', 'still here']), 'still here');
  });
});
