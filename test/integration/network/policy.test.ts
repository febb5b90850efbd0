// What the policies let a guest begin, and what of it is refused, on a host made of namespaces.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { VmPolicy } from '../../../engine/src/network/port.ts';
import type { BridgeNic } from '../../../engine/src/network/index.ts';
import { ask, contextFor, FAR, HOST, INTERNET, isDeaf, isSilent, type Lab, makeLab, pings } from './lab.ts';

const signal = AbortSignal.timeout(300_000);
/** Stands for a machine of the private network around the host. */
const PRIVATE = '10.200.0.9';
const METADATA = '169.254.169.254';
/** Of clouds whose services are not in 169.254.0.0/16; the first is in a private range, too. */
const ELSEWHERE = ['100.100.100.200', '168.63.129.16', '192.0.0.192'] as const;

const POLICIES = {
  lan: undefined,
  public: { preset: 'public' },
  isolated: { preset: 'isolated' },
  none: { preset: 'none' },
  ruled: {
    preset: 'isolated',
    allow: [
      { cidr: `${FAR}/32`, protocol: 'tcp', port: 80, endPort: 81 },
      { cidr: METADATA },
      { cidr: ELSEWHERE[1] },
      { cidr: HOST, protocol: 'tcp', port: 9000 },
    ],
  },
} as const satisfies Record<string, VmPolicy | undefined>;
type Name = keyof typeof POLICIES;
const NAMES = Object.keys(POLICIES) as Name[];

let lab: Lab;
const nics = new Map<Name, BridgeNic>();
const guests = new Map<Name, string>();

before(async () => {
  lab = await makeLab();
  const { internet, host } = lab.names;
  await lab.network.rebuild(() => [], signal);
  for (const [slot, name] of NAMES.entries()) {
    const policy: VmPolicy | undefined = POLICIES[name];
    const ports = name === 'lan' ? [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' } as const] : [];
    const nic = await lab.network.bind({ vmUid: name, ports }, [...nics.values()], signal);
    nics.set(name, nic);
    guests.set(name, await lab.guest(slot, nic));
    await lab.network.attach(nic, { ...contextFor(slot), ...(policy === undefined ? {} : { policy }) });
    await lab.serve(guestOf(name), { address: '0.0.0.0', port: 80, text: name });
  }
  await lab.run(internet, ['ip', 'address', 'add', `${PRIVATE}/32`, 'dev', 'lo']);
  await lab.run(internet, ['ip', 'address', 'add', `${METADATA}/32`, 'dev', 'lo']);
  for (const address of ELSEWHERE)
    await lab.run(internet, ['ip', 'address', 'add', `${address}/32`, 'dev', 'lo']);
  await lab.run(host, ['ip', 'route', 'add', `${METADATA}/32`, 'via', INTERNET]);
  for (const port of [80, 82]) await lab.serve(internet, { address: '0.0.0.0', port, text: 'internet' });
  await lab.serve(host, { address: '0.0.0.0', port: 9000, text: 'host' });
});

after(async () => {
  for (const [slot, name] of NAMES.entries()) {
    await lab.network.detach(nicOf(name), contextFor(slot));
    assert.equal(await lab.network.observe(nicOf(name), { slot }, signal), 'absent', name);
  }
  const rules = await lab.commands.run(['nft', 'list', 'ruleset']);
  assert.doesNotMatch(rules.stdout, /chain vm_/);
  await lab.network.removeAll(signal);
  await lab.close();
});

const REACH: Record<Name, { readonly yes: readonly string[]; readonly no: readonly string[] }> = {
  lan: {
    yes: [FAR, PRIVATE, '@public', '@isolated', '@lan'],
    no: [METADATA, ...ELSEWHERE, '@none', `${HOST}:9000`],
  },
  public: {
    yes: [FAR, '@lan', `${HOST}:8080`],
    no: [PRIVATE, METADATA, ...ELSEWHERE, '@none', `${HOST}:9000`],
  },
  isolated: { yes: ['@lan', `${HOST}:8080`], no: [FAR, PRIVATE, METADATA, '@none'] },
  none: { yes: [], no: [FAR, PRIVATE, METADATA, '@lan', `${HOST}:8080`] },
  ruled: { yes: [FAR, METADATA, ELSEWHERE[1], '@lan', `${HOST}:9000`], no: [`${FAR}:82`, PRIVATE, '@none'] },
};

for (const name of NAMES)
  test(`${name}: reaches ${REACH[name].yes.join(' ')}, and not ${REACH[name].no.join(' ')}`, async () => {
    for (const target of REACH[name].yes)
      assert.notEqual(await ask(lab, guestOf(name), urlOf(target)), '', `${name} → ${target}`);
    for (const target of REACH[name].no)
      assert.ok(await isSilent(lab, guestOf(name), urlOf(target)), `${name} → ${target}`);
  });

test('neighbours keep their addresses, and frames do not pass from tap to tap', async () => {
  assert.equal(await ask(lab, guestOf('lan'), urlOf('@public')), `public to ${nicOf('lan').address}`);
  assert.equal(await pings(lab, guestOf('lan'), nicOf('public').address), true);
  const { stdout } = await lab.run(guestOf('lan'), ['ip', 'neighbour', 'show', nicOf('public').address]);
  assert.doesNotMatch(stdout, new RegExp(nicOf('public').mac), 'the namespace answered ARP');
  await lab.run(guestOf('lan'), [
    ...['ip', 'neighbour', 'replace', nicOf('public').address, 'dev', 'eth0'],
    ...['lladdr', nicOf('public').mac],
  ] as unknown as readonly [string, ...string[]]);
  assert.ok(await isSilent(lab, guestOf('lan'), urlOf('@public')), 'past the namespace');
  await lab.run(guestOf('lan'), ['ip', 'neighbour', 'flush', 'all']);
});

test('the host begins nothing with a VM of the policy none', async () => {
  assert.ok(await isSilent(lab, lab.names.host, urlOf('@none')));
  assert.match(await ask(lab, lab.names.host, urlOf('@isolated')), /^isolated/);
});

test('what was refused is counted by VM, destination and port', async () => {
  for (const [name, destination, port] of [
    ['isolated', FAR, 80],
    ['lan', HOST, 9000],
    ['lan', nicOf('none').address, 80],
  ] as const) {
    assert.ok(await isSilent(lab, guestOf(name), `http://${destination}:${port}/`));
    const { total, rows } = await lab.network.denied(nicOf(name), signal);
    const row = rows.find((one) => one.destination === destination && one.port === port);
    assert.ok(
      row !== undefined && row.protocol === 'tcp' && row.packets > 0 && total >= row.packets,
      destination,
    );
  }
  assert.ok(await isDeaf(lab, guestOf('none'), FAR));
  const { rows } = await lab.network.denied(nicOf('none'), signal);
  assert.ok(rows.some(({ destination, protocol }) => destination === FAR && protocol === 'icmp'));
});

test('an address that no VM has is refused at once', async () => {
  const { stderr } = await lab.run(
    guestOf('lan'),
    [
      'curl',
      '-sS',
      '--noproxy',
      '*',
      '--max-time',
      '60',
      `http://${nicOf('lan').gateway.replace(/1$/, '77')}/`,
    ],
    { okCodes: [7, 28], timeoutMs: 90_000 },
  );
  assert.match(stderr, /No route to host|Couldn't connect/);
});

function urlOf(target: string): string {
  const name = NAMES.find((one) => target === `@${one}`);
  return `http://${name === undefined ? target : nicOf(name).address}/`;
}

function nicOf(name: Name): BridgeNic {
  return nics.get(name) ?? assert.fail(name);
}

function guestOf(name: Name): string {
  return guests.get(name) ?? assert.fail(name);
}
