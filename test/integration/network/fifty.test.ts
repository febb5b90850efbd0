// Fifty VMs on a real network at once: the engine, real supervisors and VMMs that stand in, in namespaces that stand for a
// host. Each has an address, a tap, a published port and rules; afterwards the host, the state and the processes are as before.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { createNetworks, createUserNetwork } from '../../../engine/src/network/index.ts';
import { networkNames } from '../../../engine/src/network/names.ts';
import { networkFiles } from '../../../engine/src/state/index.ts';
import { CALL, type House, openHouse, SERVES, START } from '../lifecycle/house.ts';
import { buildPrograms, eventually } from '../supervisor/world.ts';
import { type Lab, makeLab, ORDINAL } from './lab.ts';

const MANY = 50;
/** The last of fifty waits for all others. */
const PATIENT = { ...START, timeoutSeconds: 300 };
const names = Array.from({ length: MANY }, (_, index) => `vm-${index}`);

before(buildPrograms);

describe('fifty VMs on a network', () => {
  let lab: Lab;
  let house: House;

  before(async () => {
    lab = await makeLab();
    house = await openHouse();
    const store = networkFiles(join(house.root, 'state'));
    const user = createUserNetwork({ commands: hostCommands(), readText: async () => undefined });
    house.outside.network = () => createNetworks({ bridge: lab.engine({ store }), user });
    await house.open();
  });
  after(async () => {
    await house[Symbol.asyncDispose]();
    await lab.close();
  });

  const run = async (name: string, index: number) => {
    const ports = [{ hostPort: 20_000 + index, vmPort: 80, protocol: 'tcp' as const }];
    await house.create(name, SERVES, { network: { mode: 'bridge', ports } });
    await house.vms.start(name, PATIENT);
  };
  const files = async () =>
    (await readdir(house.root, { recursive: true })).filter((file) => !file.includes('/events')).toSorted();
  /** Links, rules, namespaces of the host; what the records of networks say; processes; files. */
  const everything = async () => ({
    host: await lab.count(),
    taps: await taps(),
    processes: (await house.processes()).length,
    files: await files(),
  });
  const taps = async () => {
    const { netns } = networkNames(lab.names.host.split('-')[1] ?? '', ORDINAL);
    const { stdout } = await hostCommands().run(['ip', '-n', netns, '-br', 'link'], { okCodes: [0, 1, 255] });
    return stdout.split('\n').filter((line) => line.startsWith(`ign${ORDINAL}t`)).length;
  };

  test('each has an address and a tap of its own, and all of them gone leave the host as it was', async () => {
    await run('first', MANY); // the network itself comes with its first VM
    await run('gone', MANY + 1); // and the folder for what is removed with its first removal
    await house.vms.remove('gone', true, CALL);
    await eventually(house.processes.bind(house), (left) => left.length === 2);
    const usual = await everything();
    await Promise.all(names.map(run));
    const addresses = names.flatMap((name) => {
      const nic = house.vms.inspect(name).bound?.nics[0];
      return nic?.mode === 'bridge' ? [nic.address] : [];
    });
    assert.equal(new Set(addresses).size, MANY);
    const { taps, processes } = await everything();
    assert.deepEqual([taps, processes], [usual.taps + MANY, usual.processes + 2 * MANY]);

    await house.open(); // the daemon that removes them is another
    await Promise.all(names.map((name) => house.vms.remove(name, true, CALL)));
    // a supervisor that has told the end of its VM ends a moment later
    await eventually(house.processes.bind(house), (left) => left.length === usual.processes);
    assert.deepEqual(await everything(), usual);
  });
});
