// Several networks on one host: apart from each other, each with its own range, removed one by one.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { ask, contextFor, FAR, HOST, INTERNET, isSilent, type Lab, makeLab } from './lab.ts';

const signal = AbortSignal.timeout(300_000);
const created = '2026-01-01T00:00:00Z';

let lab: Lab;
beforeEach(async () => {
  lab = await makeLab();
});
afterEach(async () => {
  await lab.close();
});

test('guests of two networks reach the internet and published ports, and not each other', async () => {
  const before = await lab.count();
  const made = await lab.network.create({
    name: 'lab',
    uid: 'u'.repeat(16),
    created,
    subnet: '10.99.7.0/24',
  });
  assert.deepEqual([made.link, made.gateway], ['ign207n1', '10.99.7.1']);
  const ports = [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' }] as const;
  const web = await lab.network.bind({ vmUid: 'uid-1', ports }, [], signal);
  const wish = { network: 'lab', ip: '10.99.7.20', mac: '02:00:00:00:07:20' };
  const db = await lab.network.bind({ vmUid: 'uid-2', ports: [], ...wish }, [web], signal);
  assert.deepEqual([db.address, db.mac, db.gateway], ['10.99.7.20', '02:00:00:00:07:20', '10.99.7.1']);
  const present = [
    { nic: web, slot: 1, vmUid: 'uid-1' },
    { nic: db, slot: 2, vmUid: 'uid-2' },
  ];
  await lab.network.rebuild(() => present, signal);
  const [webGuest, dbGuest] = [await lab.guest(1, web), await lab.guest(2, db)];
  const [one, two] = [
    await lab.network.attach(web, contextFor(1)),
    await lab.network.attach(db, contextFor(2)),
  ];
  assert.notEqual(one.netns, two.netns);
  await lab.serve(webGuest, { address: '0.0.0.0', port: 80, text: 'web' });
  await lab.serve(dbGuest, { address: '0.0.0.0', port: 80, text: 'db' });
  await lab.serve(lab.names.internet, { address: '0.0.0.0', port: 80, text: 'internet' });

  for (const guest of [webGuest, dbGuest])
    assert.match((await ask(lab, guest, `http://${FAR}/`)) ?? '', new RegExp(`internet to .*${HOST}`));
  assert.ok(await isSilent(lab, webGuest, `http://${db.address}/`), 'web to db');
  assert.ok(await isSilent(lab, dbGuest, `http://${web.address}/`), 'db to web');
  assert.match((await ask(lab, lab.names.internet, `http://${HOST}:8080/`)) ?? '', new RegExp(INTERNET));
  assert.match((await ask(lab, dbGuest, `http://${HOST}:8080/`)) ?? '', /^web/, 'a published port');

  await lab.network.detach(db, contextFor(2));
  assert.equal((await lab.network.remove('lab')).subnet, '10.99.7.0/24');
  assert.match((await ask(lab, webGuest, `http://${FAR}/`)) ?? '', /internet/, 'the other network stays');
  await lab.network.detach(web, contextFor(1));
  await lab.network.removeAll(signal);
  assert.equal(await lab.count(), before);
  assert.deepEqual(await lab.network.list(), []);
});

test('a VM with two NICs on one network and a third elsewhere has three taps', async () => {
  await lab.network.create({ name: 'lab', uid: 'u'.repeat(16), created });
  const first = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  const second = await lab.network.bind({ vmUid: 'uid-1', nic: 1, ports: [] }, [first], signal);
  const third = await lab.network.bind(
    { vmUid: 'uid-1', nic: 2, ports: [], network: 'lab' },
    [first, second],
    signal,
  );
  const nics = [first, second, third];
  assert.equal(new Set(nics.flatMap(({ mac, address }) => [mac, address])).size, 6);
  const places = [];
  for (const [nic, bound] of nics.entries())
    places.push(await lab.network.attach(bound, { ...contextFor(1), nic }));
  assert.deepEqual(
    places.map(({ tap }) => tap),
    ['ign207t1', 'ign207t1n1', 'ign207t1n2'],
  );
  for (const [nic, bound] of nics.entries()) {
    assert.equal(await lab.network.observe(bound, { slot: 1, nic }, signal), 'attached');
    await lab.network.detach(bound, { ...contextFor(1), nic });
    assert.equal(await lab.network.observe(bound, { slot: 1, nic }, signal), 'absent');
  }
  await lab.network.removeAll(signal);
  assert.equal((await lab.network.list()).length, 1, 'what was made stays in the book');
});

test('a NIC elsewhere is led into the namespace of the first, for a VMM that opens all taps in one', async () => {
  await lab.network.create({ name: 'lab', uid: 'u'.repeat(16), created });
  const first = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  const second = await lab.network.bind(
    { vmUid: 'uid-1', nic: 1, ports: [], network: 'lab' },
    [first],
    signal,
  );
  const { netns: joined } = await lab.network.attach(first, contextFor(1));
  const context = { ...contextFor(1), nic: 1, joined };
  const links = async (netns: string) =>
    (await lab.commands.run(['nsenter', `--net=${netns}`, 'ip', '-o', 'link', 'show'])).stdout;

  for (let time = 0; time < 2; time += 1) {
    const place = await lab.network.attach(second, context);
    assert.deepEqual([place.netns, place.tap], [joined, 'ign207r1n1']);
  }

  assert.match(await links(joined), / ign207r1n1: /);
  const own = lab.network.placeOf(second, { slot: 1, nic: 1 });
  assert.match(await links(own.netns), / ign207t1n1@.* master bridge /);
  const wires = ['nsenter', `--net=${joined}`, 'tc', 'filter', 'show', 'parent', 'ffff:', 'dev'] as const;
  assert.match((await lab.commands.run([...wires, 'ign207r1n1'])).stdout, /Redirect to device ign207v1n1/);
  assert.match((await lab.commands.run([...wires, 'ign207v1n1'])).stdout, /Redirect to device ign207r1n1/);
  assert.equal(await lab.network.observe(second, { slot: 1, nic: 1 }, signal), 'attached');

  await lab.network.detach(second, context);
  assert.doesNotMatch(await links(joined), /ign207[rv]1n1/);
  assert.equal(await lab.network.observe(second, { slot: 1, nic: 1 }, signal), 'absent');
  await lab.network.detach(first, contextFor(1));
  await lab.network.removeAll(signal);
});

test('a host whose uplink has only an IPv6 link-local address connects VMs, with the MTU asked for', async () => {
  await lab.run(lab.names.host, ['ip', '-4', 'address', 'flush', 'dev', 'wan0']);
  const wish = { name: 'lab', uid: 'u'.repeat(16), created, mtu: 1280 };
  await lab.network.create(wish);
  const bind = (vmUid: string, taken: Parameters<typeof lab.network.bind>[1]) =>
    lab.network.bind({ vmUid, ports: [], network: 'lab' }, taken, signal);
  const web = await bind('uid-1', []);
  const other = await bind('uid-2', [web]);
  assert.deepEqual([web.mtu, other.mtu], [1280, 1280]);
  const present = [web, other].map((nic, index) => ({ nic, slot: index + 1, vmUid: `uid-${index + 1}` }));
  await lab.network.rebuild(() => present, signal);
  const [webGuest, otherGuest] = [await lab.guest(1, web), await lab.guest(2, other)];
  await lab.network.attach(web, contextFor(1));
  const { netns } = await lab.network.attach(other, contextFor(2));
  await lab.serve(webGuest, { address: '0.0.0.0', port: 80, text: 'web' });
  assert.match(await ask(lab, otherGuest, `http://${web.address}/`), /^web/);
  const { stdout } = await lab.commands.run(['nsenter', `--net=${netns}`, 'ip', '-o', 'link', 'show']);
  for (const link of ['bridge', 'uplink', 'ign207t1'])
    assert.match(stdout, new RegExp(` ${link}[@:].* mtu 1280 `), link);
  const hops = await lab.network.check(web, { slot: 1 }, { signal });
  assert.ok(hops.some(({ hop, ok }) => hop === 'way out' && !ok));
  await lab.network.removeAll(signal);
});

test('ranges and addresses that cannot be are refused by name', async () => {
  const create = (subnet: string, name = 'lab') =>
    lab.network.create({ name, uid: name.repeat(8), created, subnet });
  for (const [subnet, code, says] of [
    ['198.51.100.0/25', 'network/subnet-overlaps', /by wan0/],
    ['10.99.7.1/24', 'network/bad-subnet', /10\.99\.7\.0\/24/],
    ['10.99.7.0/31', 'network/bad-subnet', /no room/],
    ['ten', 'network/bad-subnet', /no IPv4 range/],
  ] as const)
    await assert.rejects(
      create(subnet),
      (error) => isIgniteError(error, code) && says.test(error.message),
      subnet,
    );
  await create('10.99.7.0/24');
  await assert.rejects(create('10.99.0.0/16', 'other'), /overlaps the network lab/);
  await assert.rejects(create('10.98.0.0/24'), (error) => isIgniteError(error, 'network/exists'));

  const bind = (wish: object, taken = [] as Parameters<typeof lab.network.bind>[1]) =>
    lab.network.bind({ vmUid: 'uid-9', ports: [], network: 'lab', ...wish }, taken, signal);
  const first = { ...(await bind({ ip: '10.99.7.9' })), vmName: 'web' };
  for (const [wish, says] of [
    [{ ip: '10.99.8.9' }, /10\.99\.8\.9 is no address .* lab \(10\.99\.7\.0\/24\)/],
    [{ ip: '10.99.7.255' }, /no address/],
    [{ ip: '10.99.7.1' }, /taken by the gateway/],
    [{ ip: '10.99.7.9' }, /taken by VM web/],
    [{ mac: first.mac.toUpperCase() }, /MAC .* taken by VM web/],
    [{ network: 'nowhere' }, /no network "nowhere"/],
  ] as const)
    await assert.rejects(bind(wish, [first]), says);
});
