// Each hop broken in turn: the walk names it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BridgeNic } from '../../../engine/src/network/index.ts';
import { eventually } from '../supervisor/world.ts';
import { contextFor, FAR, type Lab, makeLab } from './lab.ts';

const signal = AbortSignal.timeout(300_000);
type Argv = readonly [string, ...string[]];

let lab: Lab;
let nic: BridgeNic;
let guest: string;
let netns: string;

before(async () => {
  lab = await makeLab();
  await lab.network.rebuild(() => [], signal);
  nic = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  guest = await lab.guest(1, nic);
  ({ netns } = await lab.network.attach(nic, contextFor(1)));
  await lab.serve(lab.names.internet, { address: FAR, port: 80, text: 'internet' });
});

after(async () => {
  await lab.network.removeAll(signal);
  await lab.close();
});

/** Names of the broken hops. */
async function brokenHops(): Promise<readonly string[]> {
  const hops = await lab.network.check(nic, { slot: 1 }, { target: `${FAR}:80`, signal });
  for (const { ok, hint } of hops) assert.equal(hint === undefined, ok);
  return hops.filter(({ ok }) => !ok).map(({ hop }) => hop);
}

/** Waits until the hops are as they should be: whether a link is up is told when the kernel finds time for it. */
const hopsBecome = (hold: (broken: readonly string[]) => boolean) => eventually(brokenHops, hold);

test('with everything in its place no hop is broken', async () => {
  await hopsBecome((broken) => broken.length === 0);
});

const inside = (...argv: Argv): Argv => ['nsenter', `--net=${netns}`, ...argv];
const BREAKS: readonly (readonly [
  hop: string,
  where: () => string,
  make: () => Argv,
  mend: () => Argv | 'look',
])[] = [
  [
    'guest',
    () => guest,
    () => ['ip', 'link', 'set', 'eth0', 'down'],
    () => ['ip', 'link', 'set', 'eth0', 'up'],
  ],
  [
    'tap',
    () => lab.names.host,
    () => inside('ip', 'link', 'set', 'ign207t1', 'nomaster'),
    () => inside('ip', 'link', 'set', 'ign207t1', 'master', 'bridge'),
  ],
  [
    'bridge',
    () => lab.names.host,
    () => inside('ip', 'link', 'set', 'uplink', 'nomaster'),
    () => inside('ip', 'link', 'set', 'uplink', 'master', 'bridge'),
  ],
  ['rules', () => lab.names.host, () => ['nft', 'flush', 'ruleset'], () => 'look'],
  ['host interface', () => lab.names.host, () => ['ip', 'link', 'del', nic.network], () => 'look'],
  [
    'forwarding',
    () => lab.names.host,
    () => ['sh', '-c', 'echo 0 > /proc/sys/net/ipv4/conf/wan0/forwarding'],
    () => 'look',
  ],
  [
    "others' firewalls",
    () => lab.names.host,
    () => ['iptables-nft', '-P', 'FORWARD', 'DROP'],
    () => ['iptables-nft', '-P', 'FORWARD', 'ACCEPT'],
  ],
  [
    'way out',
    () => lab.names.host,
    () => ['ip', 'route', 'del', 'default'],
    () => ['ip', 'route', 'add', 'default', 'via', '198.51.100.1'],
  ],
  [
    'internet',
    () => lab.names.internet,
    () => ['ip', 'link', 'set', 'lan0', 'down'],
    () => ['ip', 'link', 'set', 'lan0', 'up'],
  ],
];

for (const [hop, where, make, mend] of BREAKS)
  test(`${hop}: named where it is broken, whole again afterwards`, async () => {
    await lab.run(where(), make());
    await hopsBecome((broken) => broken.includes(hop));
    const repair = mend();
    if (repair === 'look')
      await lab.network.look(() => [{ nic, slot: 1, vmUid: 'uid-1', vmName: 'web' }], signal);
    else await lab.run(where(), repair);
    await hopsBecome((broken) => !broken.includes(hop));
  });

test('a namespace whose name was removed gets it back by a process that is in it', async () => {
  const { spawn } = await import('node:child_process');
  const child = spawn('nsenter', [`--net=${netns}`, 'sleep', '300']);
  try {
    await lab.run(lab.names.host, [
      'sh',
      '-c',
      `until [ "$(readlink /proc/${child.pid}/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done`,
    ]);
    await lab.commands.run(['ip', 'netns', 'del', netns.replace('/run/netns/', '')]);
    const pid = child.pid ?? assert.fail();
    await lab.network.look(() => [{ nic, slot: 1, vmUid: 'uid-1', vmName: 'web', pid }], signal);
    assert.equal(await lab.network.observe(nic, { slot: 1 }, signal), 'attached');
    await hopsBecome((broken) => broken.length === 0);
  } finally {
    child.kill('SIGKILL');
  }
});
