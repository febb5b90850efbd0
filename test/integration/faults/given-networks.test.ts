// Faults while VMs come to networks that others make, real plugins of CNI and a real Docker, and leave them: the daemon
// stands still for ever at each record of the network's and at each plugin. Afterwards the VM is there as a whole, the one
// that ran runs on in the same process with its NIC as it was, and nothing is left of what plugins or Docker had given.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Commands } from '../../../engine/src/host/index.ts';
import {
  createDockerBridge,
  createNetworks,
  createUserNetwork,
  type Network,
} from '../../../engine/src/network/index.ts';
import { jsonFile, stateFile } from '../../../engine/src/state/index.ts';
import { type Dockerd, startDockerd } from '../../containers/index.ts';
import { CALL, House, SERVES, START } from '../lifecycle/house.ts';
import { type CniLab, makeCniLab } from '../network/cni-lab.ts';
import { ORDINAL } from '../network/lab.ts';
import { buildPrograms } from '../supervisor/world.ts';
import type { FilePoints } from './file-points.ts';
import { recordPoints } from './record-points.ts';
import { walk, walkFolder } from './walk.ts';

const VM = 'victim';
const BYSTANDER = 'bystander';
const SPAWN = resolve(import.meta.dirname, '../../../build/native/ignite-spawn');
/** Programs that change nothing: there is no point between two of them. */
const LOOKS = / (list|show|link|address|-j)\b(?!.*(add|set|del))|-save$/;

before(buildPrograms);

interface Mode {
  readonly mode: 'cni' | 'docker-bridge';
  /** What makes it, beside the lab: opened before the daemon, ended after it. */
  readonly open: (world: CniLab) => Promise<Opened>;
}

interface Opened extends AsyncDisposable {
  /** The room of a daemon, which runs its programs by `commands`. */
  network(commands: Commands, root: string): Network;
  /** What it has on the host beside links, rules and leases. */
  left(): Promise<string>;
}

const user = (commands: Commands) => createUserNetwork({ commands, readText: async () => undefined });

const MODES: readonly Mode[] = [
  {
    mode: 'cni',
    open: async (world) => {
      const ipam = { type: 'host-local', ranges: [[{ subnet: '10.99.0.0/24' }]], dataDir: world.leases };
      await world.configure('10-net.conflist', {
        cniVersion: '1.0.0',
        name: 'net',
        plugins: [
          { type: 'bridge', bridge: 'cnit0', isGateway: true, ipMasq: true, ipam },
          { type: 'firewall' },
          { type: 'portmap', capabilities: { portMappings: true } },
        ],
      });
      return {
        network: (commands, root) =>
          createNetworks({
            user: user(commands),
            cni: world.driver({ commands, store: (uid) => jsonFile(stateFile(root, 'vmCni', { uid })) }),
          }),
        left: async () => '',
        [Symbol.asyncDispose]: async () => {},
      };
    },
  },
  {
    mode: 'docker-bridge',
    open: async ({ lab, instance }) => {
      const docker: Dockerd = await startDockerd({ netns: lab.names.host });
      return {
        network: (commands) =>
          createNetworks({
            user: user(commands),
            docker: createDockerBridge({
              commands,
              instance,
              ordinal: ORDINAL,
              socket: docker.host.slice('unix://'.length),
              program: SPAWN,
              readText: async (path) => lab.files.get(path),
            }),
          }),
        left: () => docker.docker('ps', '-aq'),
        [Symbol.asyncDispose]: () => docker[Symbol.asyncDispose](),
      };
    },
  },
];

for (const { mode, open } of MODES)
  describe(mode, () => {
    let world: CniLab;
    let house: House;
    let opened: Opened;
    let pid = 0;
    /** What is on the host while the bystander runs and nothing else. */
    let usual = '';
    /** Struck before each program that the network room runs, too. */
    let strike: FilePoints['strike'];

    const onTheHost = async () =>
      [await world.count(), await opened.left()].join('\n').replaceAll(/veth\S+/g, 'veth');

    before(async () => {
      world = await makeCniLab();
      opened = await open(world);
      house = new House(await walkFolder(mode));
      const { lab } = world;
      const commands: Commands = {
        run: async (argv, options) => {
          if (!LOOKS.test(argv.join(' '))) await strike?.({ name: argv.join(' '), grows: true });
          return lab.commands.run(argv, options);
        },
      };
      house.outside.network = () => opened.network(commands, `${house.root}/state`);
      await house.open();
      await house.create(BYSTANDER, SERVES, network(8081));
      await house.vms.start(BYSTANDER, START);
      pid = await house.supervisorPid(BYSTANDER);
      await createAndStart(); // what plugins make once, and leave, is there from now on
      await house.vms.remove(VM, true, CALL);
      usual = await onTheHost();
    });
    after(async () => {
      try {
        await house.vms.remove(BYSTANDER, true, CALL);
        await house.assertClean();
      } finally {
        await house[Symbol.asyncDispose]();
        await opened[Symbol.asyncDispose]();
        await world[Symbol.asyncDispose]();
      }
    });

    const network = (hostPort: number) => ({
      network: { mode, ports: [{ hostPort, vmPort: 80, protocol: 'tcp' as const }] },
    });
    const create = () => house.create(VM, SERVES, network(8080));
    const createAndStart = async () => {
      await create();
      await house.vms.start(VM, START);
    };

    test('create of a VM asks nothing of the network, which only a start knows', async () => {
      using points = recordPoints(house, 'stands still');
      const asked: string[] = [];
      strike = async ({ name }) => void asked.push(name);
      points.strike = strike;
      await create();
      strike = undefined;
      assert.deepEqual(asked, []);
      assert.equal(await onTheHost(), usual);
      await house.vms.remove(VM, true, CALL);
    });

    for (const { verb, prepare, act } of [
      { verb: 'start', prepare: create, act: () => house.vms.start(VM, START) },
      { verb: 'stop', prepare: createAndStart, act: () => house.vms.stop(VM, CALL) },
      { verb: 'rm', prepare: createAndStart, act: () => house.vms.remove(VM, true, CALL) },
    ] as const)
      test(`${verb} of a VM, which stands still at each record and program of the network`, async () => {
        using points = recordPoints(house, 'stands still');
        // Docker does its own; a stop runs the programs of an rm, where they are walked.
        if (mode === 'cni' && verb !== 'stop') strike = async (point) => points.strike?.(point);
        const assertWholeOrGone = async (where: string) => {
          assert.equal(house.state(BYSTANDER), 'running', where);
          assert.equal(await house.supervisorPid(BYSTANDER), pid, where);
          const there = house.vms.list().some(({ metadata }) => metadata.name === VM);
          assert.ok(there || verb === 'rm', `gone after ${where}`);
          if (there) await house.vms.start(VM, START);
          if (there) await house.vms.remove(VM, true, CALL);
          assert.equal(await onTheHost(), usual, where);
        };
        const found = await walk(points, 'stands still', {
          prepare,
          act,
          reopen: () => house.open(),
          assertWholeOrGone,
        });
        strike = undefined;
        assert.ok(found >= 4, `${found} points`);
      });
  });
