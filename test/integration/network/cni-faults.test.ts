// Plugins that hang, fail, print garbage or are missing, leases of the dead, and a daemon that is killed in the middle:
// one clear error each, and nothing is left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api/errors';
import { spaceOf } from '../../../engine/src/network/given/space.ts';
import type { CniNic } from '../../../engine/src/network/index.ts';
import { type CniLab, makeCniLab } from './cni-lab.ts';
import { endsEarly } from './dying-host.ts';
import { contextFor, memoryClaims, ORDINAL } from './lab.ts';

const signal = AbortSignal.timeout(600_000);
const NIC: CniNic = { mode: 'cni', network: 'cni', ports: [] };
const PORTS = [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' }] as const;

const bridge = (world: CniLab) => ({
  type: 'bridge',
  bridge: 'cnit0',
  isGateway: true,
  ipMasq: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.99.0.0/24' }]], dataDir: world.leases },
});

/** A network of the bridge and what the test puts behind it; what there is after one VM has come and gone. */
async function networkWith(world: CniLab, ...plugins: readonly object[]): Promise<string> {
  const configure = (more: readonly object[]) =>
    world.configure('10-net.conflist', {
      cniVersion: '1.0.0',
      name: 'net',
      plugins: [bridge(world), { type: 'firewall' }, ...more],
    });
  await configure([]);
  const driver = world.driver();
  await driver.attach(NIC, contextFor(1));
  await driver.detach(NIC, contextFor(1));
  const before = await world.count();
  await configure(plugins);
  return before;
}

/** The result so far: our configuration ends with it. */
const PASS_ON = String.raw`sed 's/.*"prevResult":\(.*\)}$/\1/'`;

const FAULTS = [
  [
    'fails in its own words',
    `echo '{"code":7,"msg":"no luck","details":"today"}'; exit 1`,
    'cni-failed',
    /no luck \(today\)/,
  ],
  ['fails without a word', 'exit 3', 'cni-failed', /exit code 3: nothing/],
  ['fails with garbage', 'echo "panic: x" >&2; exit 2', 'cni-failed', /exit code 2: "panic: x"/],
  ['prints garbage', 'echo "<html>"', 'cni-failed', /answered what is no result: "<html>"/],
  ['prints nothing', 'exit 0', 'cni-failed', /answered what is no result: nothing/],
  ['is killed', 'kill -9 $$', 'cni-failed', /SIGKILL/],
  ['hangs', 'sleep 1000', 'cni-late', /did not end within/],
  [
    'hangs and ignores being told to end',
    "trap '' TERM; sleep 1000 & wait; sleep 1000",
    'cni-late',
    /did not end/,
  ],
  [
    'takes the address away',
    'ip netns exec ${CNI_NETNS##*/} ip address flush dev eth0; ' + PASS_ON,
    'nothing-given',
    /no IPv4/,
  ],
] as const;

test('a plugin behind others that breaks: one clear error, and what the others made is gone', async (t) => {
  await using world = await makeCniLab();
  const before = await networkWith(world, { type: 'broken' });
  for (const [what, script, code, message] of FAULTS)
    await t.test(what, async () => {
      await world.plugin('broken', `[ $CNI_COMMAND = ADD ] || exit 0\n${script}`);
      const claims = memoryClaims();
      const deadlineMs = code === 'cni-late' ? 2_000 : 60_000;
      const attaching = world.driver({ deadlineMs }).attach(NIC, contextFor(1, claims));
      await assert.rejects(
        attaching,
        (error) => isIgniteError(error, `network/${code}`) && message.test(error.message),
      );
      assert.deepEqual(claims.live(), []);
      assert.equal(await world.count(), before);
    });
});

test('PRE-02: a plugin that is missing is named before anything is made', async () => {
  await using world = await makeCniLab();
  const before = await networkWith(world, { type: 'missing' });
  for (const asking of [
    () => world.driver().bind({ vmUid: 'uid-1', ports: [] }, [], signal),
    () => world.driver().attach(NIC, contextFor(1)),
  ])
    await assert.rejects(asking(), { code: 'network/cni-no-plugin', message: /plugin missing is not in/ });
  assert.equal(await world.count(), before);
});

test('a start that is cancelled while a plugin works leaves nothing', async () => {
  await using world = await makeCniLab();
  const before = await networkWith(world, { type: 'slow' });
  await world.plugin('slow', `[ $CNI_COMMAND = ADD ] || exit 0\ntouch ${world.folder}/begun; sleep 1000`);
  const cancel = new AbortController();
  const attaching = world.driver().attach(NIC, { ...contextFor(1), signal: cancel.signal });
  attaching.catch(() => {});
  await world.lab.commands.run(['sh', '-c', `until [ -e ${world.folder}/begun ]; do sleep 0.1; done`]);
  cancel.abort();
  await assert.rejects(attaching, { code: 'host/cancelled' });
  assert.equal(await world.count(), before);
});

test('an interface with nothing but an IPv6 address of the link is none of the guest’s, and nothing waits for it', async () => {
  await using world = await makeCniLab();
  const before = await networkWith(world, { type: 'extra' });
  const extra = [
    '[ $CNI_COMMAND = ADD ] || exit 0',
    'space=${CNI_NETNS##*/}',
    'ip -n $space link add eth1 type veth peer name eth1far; ip -n $space link set eth1far up',
    'ip -n $space link set eth1 up; ip -n $space address add fe80::7/64 dev eth1',
    PASS_ON,
  ];
  await world.plugin('extra', extra.join('\n'));
  const { bound, taps } = await world.driver().attach(NIC, contextFor(1));
  assert.deepEqual(
    bound.given?.map(({ name, gateway }) => [name, gateway]),
    [['eth0', undefined]],
  );
  assert.equal(taps.length, 1);
  await world.driver().detach(NIC, contextFor(1));
  assert.equal(await world.count(), before);
});

test('RAC-02, EXT-03: an interface that an annotation names is the guest’s, without an address and later than the network, too', async () => {
  await using world = await makeCniLab();
  const before = await networkWith(world);
  const { name } = spaceOf(world.instance, ORDINAL, 1);
  const interfaces = new Map([['data0', 'tc-redirect']] as const);
  const driver = world.driver();
  const attaching = driver.attach(NIC, { ...contextFor(1), interfaces });
  const ip = (...words: readonly string[]) => world.lab.commands.run(['ip', '-n', name, ...words]);
  await world.lab.commands.run([
    ...([
      'sh',
      '-c',
      `until ip -n ${name} address show dev eth0 2>/dev/null | grep -q "inet "; do sleep 0.1; done`,
    ] as const),
  ]);
  await ip('link', 'add', 'data0', 'type', 'veth', 'peer', 'name', 'far0');
  const { bound, taps } = await attaching;
  assert.deepEqual(
    bound.given?.map((one) => [one.name, one.address === undefined]),
    [
      ['eth0', false],
      ['data0', true],
    ],
  );
  assert.deepEqual(
    taps.map(({ tap, mac }) => [tap, mac]),
    [
      ['tap0', bound.given?.[0]?.mac],
      ['tap1', bound.given?.[1]?.mac],
    ],
  );
  assert.ok(bound.mode === 'cni');
  assert.equal(await driver.observe(bound, { slot: 1, vmUid: 'uid-1' }, signal), 'attached');
  await driver.detach(bound, contextFor(1));
  assert.equal(await world.count(), before);
});

for (const lost of ['namespace', 'namespace and daemon', 'record', 'record and namespace'] as const)
  test(`HAZ-06: the lease of a VM whose ${lost} was lost is freed, and the next start has one again`, async () => {
    await using world = await makeCniLab();
    const before = await networkWith(world);
    const claims = memoryClaims();
    const context = contextFor(1, claims);
    const { bound } = await world.driver().attach(NIC, context);
    assert.ok(bound.mode === 'cni');
    if (lost.includes('namespace'))
      await world.lab.commands.run(['ip', 'netns', 'del', spaceOf(world.instance, ORDINAL, 1).name]);
    if (lost.includes('record')) world.stores.clear();
    const driver = world.driver();
    if (lost !== 'record and namespace')
      assert.notEqual(await driver.observe(bound, context, signal), 'absent', lost);
    if (lost === 'namespace and daemon') await driver.attach(NIC, context);
    await driver.detach(bound, context);
    assert.deepEqual(claims.live(), []);
    const after = await world.count();
    // The address is in no record any more: the firewall's accept of it stays, and lets nobody in.
    if (lost === 'record and namespace') assert.doesNotMatch(after, /leases/);
    else assert.equal(after, before);
  });

test('GIT-60: a daemon killed after any program of attach or detach leaves what the next one removes', async () => {
  await using world = await makeCniLab();
  const before = await networkWith(world, { type: 'portmap', capabilities: { portMappings: true } });
  let crashed = true;
  for (let limit = 1; crashed; limit++) {
    const context = contextFor(1, memoryClaims());
    crashed = await endsEarly(world.lab.commands, limit, async (commands) => {
      const driver = world.driver({ commands });
      const nic: CniNic = { ...NIC, ports: PORTS };
      await driver.attach(nic, context);
      await driver.detach(nic, context);
    });
    const driver = world.driver();
    await driver.detach({ ...NIC, ports: PORTS }, context);
    assert.deepEqual(context.claims.live(), [], `after ${limit} programs`);
    const observed = await driver.observe(NIC, context, signal);
    assert.equal(observed, 'absent', `after ${limit} programs`);
    const after = await world.count();
    assert.equal(ofOurs(after), ofOurs(before), `after ${limit} programs`);
  }
});

/** Without the chains that portmap makes once for all. */
function ofOurs(count: string): string {
  return count.slice(count.indexOf('*filter')).replace(/\*nat[^]*?COMMIT/, '');
}
