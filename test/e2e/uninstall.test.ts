// A daemon of its own on the host's own network: fifty VMs made at once through its API get fifty addresses and leave
// nothing, and `ignite system uninstall` takes a running VM, its network, rules, ports and names from the host.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient } from '@ignite/client';
import { assertNothingMore, type OwnDaemon, startOwnDaemon, traces } from './faults/own-daemon.ts';
import { findLeftovers, image, inventory, readMark, waitFor } from './world/index.ts';

const MANY = 50;
const VM = 'runs';
/** Uninstall removes the program itself where it is installed. */
const skip = process.env['IGNITE_E2E_BIN'] !== undefined;

describe('a host with an Ignite and without it', { skip }, () => {
  let own: OwnDaemon;
  before(async () => {
    own = await startOwnDaemon();
    await ok('network', 'create', 'apart');
    const flags = ['--network', 'apart', '-p', '80', '--policy', 'public', '--name', VM];
    await ok('run', '-d', ...flags, image('busybox'), 'sh', '-c', 'trap "exit 0" TERM; sleep 100000 & wait');
  });
  after(async () => {
    // there only after a test that failed
    if ((await readMark(own.place)) !== undefined) await own.ignite(['rm', '-f', VM]);
    await own[Symbol.asyncDispose]();
  });

  async function ok(...argv: readonly string[]): Promise<void> {
    const { code, stderr } = await own.ignite(argv);
    assert.equal(code, 0, `ignite ${argv.join(' ')}: ${stderr}`);
  }

  test('fifty VMs made at once have fifty addresses; removed at once they leave nothing', async () => {
    const [host, networks] = [await traces(own.place), await inventory(join(own.place.state, 'networks'))];
    const client = createClient({ socketPath: join(own.place.run, 'ignited.sock') });
    const spec = { image: { oci: image('busybox') }, network: { name: 'apart', ports: [{ vmPort: 80 }] } };
    const made = await Promise.all(Array.from({ length: MANY }, () => client.createVm({ spec })));
    const nics = made
      .flatMap(({ bound }) => bound?.nics ?? [])
      .flatMap((nic) => (nic.mode === 'bridge' ? [nic] : []));
    for (const distinct of [nics.map(({ address }) => address), nics.map(({ mac }) => mac)])
      assert.equal(new Set(distinct).size, MANY);
    await Promise.all(made.map(({ metadata }) => client.removeVm(metadata.uid ?? '')));
    await assertNothingMore(own.place, host);
    assert.deepEqual(await inventory(join(own.place.state, 'networks')), networks);
  });

  test('uninstall leaves no VM, link, namespace, rule or file', async () => {
    const mark = await readMark(own.place);
    const there = (await findLeftovers(own.place, mark)).join('\n');
    for (const kind of [/network namespace/, /network interface/, /nftables/, /process/, /file/])
      assert.match(there, kind);
    const root = join(own.place.scratch, 'root');
    await mkdir(join(root, 'etc'), { recursive: true });
    await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
    await ok('system', 'uninstall', '-f', '--root', root);
    const left = () => findLeftovers(own.place, mark);
    // A process that has told its end is gone a moment later.
    await waitFor('nothing is left', async () => (await left()).length === 0).catch(() => {});
    assert.deepEqual(await left(), []);
  });
});
