// Faults while VMs come to real networks and leave them, and while networks are made and removed, in namespaces that stand
// for a host: afterwards each is whole or gone, the VM that ran runs on in the same process with its NIC as it was, and
// the host carries no more than what the records say.
import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { createNetworks, createUserNetwork } from '../../../engine/src/network/index.ts';
import { networkNames } from '../../../engine/src/network/names.ts';
import { networkFiles } from '../../../engine/src/state/index.ts';
import { House, CALL, SERVES, START } from '../lifecycle/house.ts';
import { type Lab, makeLab, ORDINAL } from '../network/lab.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { type FilePoints, filePointsBelow } from './file-points.ts';
import { recordPoints } from './record-points.ts';
import { type Fault, walk, walkFolder } from './walk.ts';

const VM = 'victim';
const BYSTANDER = 'bystander';
const NETWORK = 'victims';
const FAULTS: readonly Fault[] = ['stands still', 'ENOSPC or EROFS'];

/** Programs that change nothing: there is no point between two of them. */
const LOOKS = / (get element|list|show|link|address|-j)\b(?!.*(add|set|del))|-save$/;

before(buildPrograms);

describe('real networks', () => {
  let lab: Lab;
  let house: House;
  let pid = 0;
  /** What is on the host while the bystander runs and nothing else. */
  let usual = '';
  let records: readonly string[] = [];
  /** Struck before each program that the network room runs, too. */
  let strike: FilePoints['strike'];

  before(async () => {
    lab = await makeLab();
    house = new House(await walkFolder('networks'));
    const commands: Lab['commands'] = {
      run: async (argv, options) => {
        if (!LOOKS.test(argv.join(' '))) await strike?.({ name: argv.join(' '), grows: true });
        return lab.commands.run(argv, options);
      },
    };
    const user = createUserNetwork({ commands: hostCommands(), readText: async () => undefined });
    house.outside.network = () => {
      const store = networkFiles(join(house.root, 'state')); // each engine's own: one that stands still holds its queues
      return createNetworks({ bridge: lab.engine({ commands, store }), user });
    };
    await house.open();
    await house.create(BYSTANDER, SERVES, ports(8081));
    await house.vms.start(BYSTANDER, START);
    pid = await house.supervisorPid(BYSTANDER);
    usual = await onTheHost();
    records = (await readdir(join(house.root, 'state/networks'), { recursive: true })).toSorted();
  });
  after(async () => {
    try {
      await remove(); // there only after a test that failed
      await house.vms.remove(BYSTANDER, true, CALL);
      await house.assertClean();
    } finally {
      await house[Symbol.asyncDispose]();
      await rm(house.root, { recursive: true, force: true });
      await lab.close();
    }
  });

  const create = () => house.create(VM, SERVES, ports(8080));
  const createAndStart = async () => {
    await create();
    await house.vms.start(VM, START);
  };
  const walks = [
    { verb: 'start', prepare: create, act: () => house.vms.start(VM, START) },
    { verb: 'stop', prepare: createAndStart, act: () => house.vms.stop(VM, CALL) },
    { verb: 'rm', prepare: createAndStart, act: () => house.vms.remove(VM, true, CALL) },
  ] as const;

  for (const { verb, prepare, act } of walks)
    for (const fault of verb === 'start' ? FAULTS : FAULTS.slice(0, 1))
      test(`${verb} of a VM, ${fault} at each record of the network's`, async () => {
        using points = recordPoints(house, fault);
        const assertWholeOrGone = async (where: string) => {
          await assertBystander(where);
          const there = house.vms.list().some(({ metadata }) => metadata.name === VM);
          assert.ok(there || verb === 'rm', `gone after ${where}`);
          if (there && verb !== 'rm') await house.vms.start(VM, START);
          if (there) await house.vms.remove(VM, true, CALL);
          assert.equal(await onTheHost(), usual, where);
        };
        const found = await walk(points, fault, {
          prepare,
          act,
          reopen: () => house.open(),
          assertWholeOrGone,
        });
        assert.ok(found >= 2, `${found} points`);
      });

  const names = async () => (await house.vms.networks.list()).map(({ metadata }) => metadata.name);
  const remove = async () => {
    if ((await names()).includes(NETWORK)) await house.vms.networks.remove(NETWORK);
  };
  const make = async () => void (await house.vms.networks.create({ name: NETWORK, subnet: '10.99.9.0/24' }));
  /** A network is on the host from its first VM on. */
  const makeAndUse = async () => {
    await make();
    await house.create(VM, SERVES, { network: { name: NETWORK, ports: [] } });
    await house.vms.start(VM, START);
    await house.vms.remove(VM, true, CALL);
  };

  for (const [verb, prepare, act] of [
    ['create', remove, make],
    ['rm', makeAndUse, remove],
  ] as const)
    for (const fault of FAULTS)
      test(`network ${verb}, ${fault} at each program and each change of a file`, async () => {
        using points = filePointsBelow(join(house.root, 'state/networks'));
        if (fault === 'stands still') strike = async (point) => points.strike?.(point);
        const assertWholeOrGone = async (where: string) => {
          await assertBystander(where);
          const there = (await names()).includes(NETWORK);
          assert.equal((await readdir(join(house.root, 'state/networks'))).length, there ? 2 : 1, where);
          await remove();
          const left = await readdir(join(house.root, 'state/networks'), { recursive: true });
          assert.deepEqual(left.toSorted(), records, where);
          assert.equal(await onTheHost(), usual, where);
        };
        await walk(points, fault, { prepare, act, reopen: () => house.open(), assertWholeOrGone });
        strike = undefined;
      });

  async function assertBystander(where: string): Promise<void> {
    assert.equal(house.state(BYSTANDER), 'running', where);
    assert.equal(await house.supervisorPid(BYSTANDER), pid, where);
    const { bound, metadata } = house.vms.inspect(BYSTANDER);
    const [nic] = bound?.nics ?? [];
    assert.ok(nic && bound);
    const place = { slot: bound.slot, nic: 0, vmUid: metadata.uid };
    assert.equal(await house.engine.rooms.network.observe(nic, place, CALL.signal), 'attached', where);
  }

  /** The host's links, rules and namespaces, and the links in the network's own. */
  async function onTheHost(): Promise<string> {
    const [, instance = ''] = lab.names.host.split('-');
    const { netns } = networkNames(instance, ORDINAL);
    const { stdout } = await hostCommands().run(['ip', '-n', netns, '-br', 'link']);
    const links = stdout.split('\n').map((line) => line.split(/[ @]/)[0]);
    // Whoever loads a table whole marks it so (WHOLE of nft.ts): the first start does not, a look after a crash does.
    const counted = (await lab.count()).replaceAll('\t\telements = { 0x00000001 }\n', '');
    return [counted, ...links].join('\n');
  }
});

function ports(hostPort: number) {
  return { network: { ports: [{ hostPort, vmPort: 80, protocol: 'tcp' as const }] } };
}
