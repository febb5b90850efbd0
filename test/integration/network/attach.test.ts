// Making, looking at and removing NICs, and leaving the host as it was.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import type { BridgeNic, PortMapping } from '../../../engine/src/network/index.ts';
import { ask, contextFor, HOST, isSilent, type Lab, makeLab, memoryClaims, memoryStore } from './lab.ts';

const signal = AbortSignal.timeout(1_800_000);
const WEB: PortMapping = { hostPort: 8080, vmPort: 80, protocol: 'tcp' };

let lab: Lab;
beforeEach(async () => {
  lab = await makeLab();
});
afterEach(async () => {
  await lab.close();
});

test('NET-P5: attach makes a tap for the VM’s uid, detach removes it, removeAll leaves the host as it was', async () => {
  const before = await lab.count();
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [WEB] }, [], signal);
  const context = contextFor(1, memoryClaims());
  assert.equal(await lab.network.observe(nic, context, signal), 'absent');
  const attached = await lab.network.attach(nic, context);
  assert.deepEqual(lab.network.placeOf(nic, { slot: 1 }), attached);
  assert.equal(await lab.network.observe(nic, context, signal), 'attached');

  const { stdout } = await lab.commands.run(
    ['nsenter', `--net=${attached.netns}`, 'ip', '-d', 'link', 'show', attached.tap],
    {},
  );
  const ipv6 = ['ip', '-6', '-br', 'address', 'show'] as const;
  const spoken = await lab.commands.run(['nsenter', `--net=${attached.netns}`, ...ipv6]);
  assert.equal(spoken.stdout, '');
  assert.equal((await lab.commands.run([...ipv6, 'dev', nic.network])).stdout, '');
  assert.match(stdout, /tun type tap .*vnet_hdr on persist on.* user (igniteslot1|100001)/);

  await lab.network.detach(nic, context);
  assert.equal(await lab.network.observe(nic, context, signal), 'absent');
  assert.deepEqual(context.claims.live(), []);
  await lab.network.removeAll(signal);
  assert.equal(await lab.count(), before);
  await lab.network.removeAll(signal);
});

test('everything is claimed before it is made', async () => {
  const claims = memoryClaims();
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  const context = contextFor(1, claims);
  await lab.network.attach(nic, context);
  await lab.network.detach(nic, context);
  assert.deepEqual(
    claims.log.map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['claim tap', 'claim rules', 'made tap', 'made rules', 'gone tap', 'gone rules'],
  );
  await lab.network.removeAll(signal);
});

test('attach and detach may be repeated, by another daemon, too', async () => {
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [WEB] }, [], signal);
  const context = contextFor(1);
  await lab.network.attach(nic, context);
  await lab.network.attach(nic, context);
  await lab.engine().attach(nic, context);
  assert.equal(await lab.engine().observe(nic, context, signal), 'attached');
  await lab.engine().detach(nic, context);
  await lab.network.detach(nic, context);
  await lab.engine().removeAll(signal);
});

test('a table of an earlier version, whose chain for the host came after ufw, is brought up to date', async () => {
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  const [first, second] = [contextFor(1), contextFor(2)];
  await lab.network.attach(nic, first);
  const { stdout } = await lab.commands.run(['nft', 'list', 'tables', 'inet']);
  const table = stdout.trim().split(' ').slice(1).join(' ');
  const before = 'type filter hook input priority filter; policy accept;';
  const input = `delete chain ${table} input\nadd chain ${table} input { ${before} }\n`;
  await lab.commands.run(['nft', '-f', '-'], { input });
  const next = lab.engine();
  const other = await next.bind({ vmUid: 'uid-2', ports: [] }, [nic], signal);
  await next.attach(other, second);
  const chain = await lab.commands.run(['nft', 'list', 'chain', ...table.split(' '), 'input']);
  assert.match(chain.stdout, /priority filter - 1;.*\n.*jump to_host/);
  assert.equal(await next.observe(nic, first, signal), 'attached', 'the VM that runs keeps its rules');
  await next.removeAll(signal);
});

test('what others took away is told and mended', async () => {
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [WEB] }, [], signal);
  const context = contextFor(1);
  const { netns, tap } = await lab.network.attach(nic, context);
  const breaks: Record<string, readonly [string, ...string[]]> = {
    tap: ['nsenter', `--net=${netns}`, 'ip', 'link', 'del', tap],
    plug: ['nsenter', `--net=${netns}`, 'ip', 'link', 'set', tap, 'nomaster'],
    'inner rules': ['nsenter', `--net=${netns}`, 'nft', 'flush', 'ruleset'],
    rules: ['nft', 'flush', 'ruleset'],
    veth: ['ip', 'link', 'del', nic.network],
  };
  for (const [what, argv] of Object.entries(breaks)) {
    await lab.commands.run(argv);
    assert.equal(await lab.network.observe(nic, context, signal), 'partial', what);
    await lab.network.attach(nic, context);
    assert.equal(await lab.network.observe(nic, context, signal), 'attached', what);
  }
  const address = await lab.commands.run(['ip', '-4', '-br', 'address', 'show', nic.network]);
  assert.match(address.stdout, new RegExp(`UP +${nic.gateway}/16`));
  await lab.commands.run(['ip', 'netns', 'del', netns.slice('/run/netns/'.length)]);
  await lab.network.attach(nic, context);
  assert.equal(await lab.network.observe(nic, context, signal), 'attached', 'namespace');
  await lab.network.removeAll(signal);
});

test('a tap of another uid is made anew, the VM’s own is kept, with a named owner, too', async () => {
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  const daemon = { ...contextFor(1), uid: 1 };
  const { netns, tap } = await lab.network.attach(nic, contextFor(1));
  const show = ['nsenter', `--net=${netns}`, 'ip', '-d', 'link', 'show', 'dev', tap] as const;
  const unplug = ['nsenter', `--net=${netns}`, 'ip', 'link', 'set', tap, 'nomaster'] as const;
  await lab.commands.run(unplug);
  await lab.network.attach(nic, daemon);
  const made = (await lab.commands.run(show)).stdout;
  assert.match(made, / user (daemon|1) /);
  await lab.commands.run(unplug);
  await lab.network.attach(nic, daemon);
  assert.equal(
    /^\d+/.exec((await lab.commands.run(show)).stdout)?.[0],
    /^\d+/.exec(made)?.[0],
    'same interface index',
  );
  await lab.network.removeAll(signal);
});

test('rebuild puts in what is given and nothing else', async () => {
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [WEB] }, [], signal);
  const other = await lab.network.bind({ vmUid: 'uid-2', ports: [] }, [nic], signal);
  await lab.network.attach(nic, contextFor(1));
  await lab.network.attach(other, contextFor(2));
  await lab.network.rebuild(() => [{ nic: other, slot: 2, vmUid: 'uid-2' }], signal);
  assert.equal(await lab.network.observe(nic, contextFor(1), signal), 'partial');
  assert.equal(await lab.network.observe(other, contextFor(2), signal), 'attached');
  await lab.network.removeAll(signal);
});

test('rules that somebody flushed are whole again at the next look, also where a VM came in between', async () => {
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [WEB] }, [], signal);
  const other = await lab.network.bind({ vmUid: 'uid-2', ports: [] }, [nic], signal);
  await lab.network.attach(nic, contextFor(1));
  await lab.commands.run(['nft', 'flush', 'ruleset']);
  await lab.network.attach(other, contextFor(2)); // makes the table, without the rules of the first
  await lab.commands.run(['ip', 'address', 'flush', 'dev', nic.network]);
  const present = () =>
    [nic, other].map((one, index) => ({ nic: one, slot: index + 1, vmUid: `uid-${index + 1}` }));
  await lab.network.look(present, signal);
  assert.equal(await lab.network.observe(nic, contextFor(1), signal), 'attached');
  assert.equal(await lab.network.observe(other, contextFor(2), signal), 'attached');
  const { stdout } = await lab.commands.run(['ip', '-br', '-4', 'address', 'show', 'dev', nic.network]);
  assert.ok(stdout.includes(` ${nic.gateway}/`), stdout);
  await lab.network.removeAll(signal);
});

test('NET-P3, PRE-05, CLI-S03: a port on which a program of the host listens is refused with its name, or passed over', async () => {
  await lab.serve(lab.names.host, { address: '127.0.0.1', port: 8080, text: 'mine' });
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [WEB] }, [], signal);
  await assert.rejects(lab.network.attach(nic, contextFor(1)), (error) => {
    assert.ok(isIgniteError(error, 'network/port-taken'));
    assert.match(error.message, /^Port 8080\/tcp of the host is taken by (node|MainThread) \(pid \d+\)$/);
    return true;
  });
  const guest = await lab.network.attach(nic, { ...contextFor(1), ignoreHeldPorts: true });
  assert.equal(guest.kind, 'tap');
  await lab.network.detach(nic, contextFor(1));
  await lab.network.removeAll(signal);
});

test('a port that another VM has is refused with its name, at bind and at attach, and stays with it', async () => {
  const first = await lab.network.bind({ vmUid: 'uid-1', ports: [WEB] }, [], signal);
  await assert.rejects(
    lab.network.bind({ vmUid: 'uid-2', ports: [WEB] }, [{ ...first, vmName: 'web' }], signal),
    /taken by VM web/,
  );
  const second: BridgeNic = {
    ...(await lab.network.bind({ vmUid: 'uid-2', ports: [] }, [first], signal)),
    ports: [WEB],
  };
  await lab.network.attach(first, contextFor(1));
  await assert.rejects(lab.network.attach(second, contextFor(2)), /Port 8080\/tcp .* taken by VM vm1/);
  await lab.network.detach(second, contextFor(2));
  assert.equal(await lab.network.observe(first, contextFor(1), signal), 'attached');
  await lab.network.removeAll(signal);
});

test('a random host port is one on which nobody listens', async () => {
  const random: PortMapping = { hostPort: 0, vmPort: 80, protocol: 'tcp' };
  const first = await lab.network.bind({ vmUid: 'uid-1', ports: [random, random] }, [], signal);
  const [one, two] = first.ports.map((port) => port.hostPort);
  assert.ok(one !== undefined && two !== undefined && one !== two && one >= 32_768 && one <= 60_999);
  await lab.serve(lab.names.host, { address: '0.0.0.0', port: one, text: 'mine' });
  const again = await lab.network.bind({ vmUid: 'uid-1', ports: [random, random] }, [], signal);
  assert.notEqual(again.ports[0]?.hostPort, one);
  await assert.rejects(
    lab.network.bind({ vmUid: 'uid-1', ports: [{ ...WEB, bindAddress: '203.0.113.99' }] }, [], signal),
    (error) => isIgniteError(error, 'network/address-not-local'),
  );
});

test('the subnet keeps away from routes of the host and stays what it was', async () => {
  await lab.commands.run(['ip', 'route', 'add', '10.76.0.0/15', 'via', '198.51.100.1']);
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  assert.equal(nic.address, '10.78.0.2');
  await lab.commands.run(['ip', 'route', 'del', '10.76.0.0/15']);
  const later = await lab.engine().bind({ vmUid: 'uid-2', ports: [] }, [nic], signal);
  assert.equal(later.address, '10.78.0.3');
});

test('without root nothing is told to be absent', async () => {
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  const context = contextFor(1);
  await lab.network.attach(nic, context);
  const plain = lab.engine({
    commands: {
      run: (argv, options) =>
        lab.commands.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...argv], options),
    },
  });
  await assert.rejects(plain.observe(nic, context, signal), (error) =>
    isIgniteError(error, 'host/not-permitted'),
  );
  await assert.rejects(plain.attach(nic, context), (error) => isIgniteError(error, 'host/not-permitted'));
  await assert.rejects(plain.detach(nic, context), (error) => isIgniteError(error, 'host/not-permitted'));
  assert.equal(await lab.network.observe(nic, context, signal), 'attached');
  await lab.network.removeAll(signal);
});

test('an interface of our name that is not ours is left alone', async () => {
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  await lab.commands.run(['ip', 'link', 'add', nic.network, 'type', 'bridge']);
  const before = await lab.count();
  await assert.rejects(lab.network.attach(nic, contextFor(1)), (error) =>
    isIgniteError(error, 'network/name-taken'),
  );
  await lab.network.detach(nic, contextFor(1));
  await lab.network.removeAll(signal);
  assert.equal(await lab.count(), before.replace('forwarding:1', 'forwarding:0'));
});

test('50 VMs attached at once get 50 addresses and taps; all of them removed at once leave nothing', async () => {
  const before = await lab.count();
  const nics: BridgeNic[] = [];
  for (let slot = 0; slot < 50; slot++)
    nics.push(await lab.network.bind({ vmUid: `uid-${slot}`, ports: [] }, nics, signal));
  assert.equal(new Set(nics.map((nic) => nic.address)).size, 50);
  const contexts = nics.map((_, slot) => contextFor(slot));
  const both = nics.flatMap((nic, slot) => {
    const context = contexts[slot];
    return context === undefined ? [] : [{ nic, context }];
  });
  await Promise.all(both.map(({ nic, context }) => lab.network.attach(nic, context)));
  for (const { nic, context } of both)
    assert.equal(await lab.network.observe(nic, context, signal), 'attached');
  await Promise.all(both.map(({ nic, context }) => lab.network.detach(nic, context)));
  assert.equal(await lab.engine().observe(nics[7] ?? assert.fail(), contextFor(7), signal), 'absent');
  await lab.network.removeAll(signal);
  assert.equal(await lab.count(), before);
});

test('two engines on one host do not touch each other’s', async () => {
  const second = lab.engine({
    instance: `${randomBytes(4).toString('hex')}ff`,
    ordinal: 208,
    store: memoryStore(),
  });
  const one = await lab.network.bind({ vmUid: 'uid-1', ports: [WEB] }, [], signal);
  const two = await second.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  assert.notEqual(one.address, two.address);
  await lab.network.attach(one, contextFor(1));
  await second.attach(two, contextFor(1));
  const late = await second.bind({ vmUid: 'uid-2', ports: [WEB] }, [two], signal);
  await assert.rejects(second.attach(late, contextFor(2)), {
    code: 'network/port-taken',
    message: /^Port 8080\/tcp of the host is taken by VM vm1 of another engine/,
  });
  await lab.network.removeAll(signal);
  assert.equal(await second.observe(two, contextFor(1), signal), 'attached');
  await second.removeAll(signal);
});

test('a published port answers again after detach and attach', async () => {
  await lab.network.rebuild(() => [], signal);
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [WEB] }, [], signal);
  for (const round of [1, 2]) {
    const guest = await lab.guest(round, nic);
    await lab.network.attach(nic, contextFor(round));
    await lab.serve(guest, { address: '0.0.0.0', port: 80, text: `round ${round}` });
    assert.match(await ask(lab, lab.names.internet, `http://${HOST}:8080/`), new RegExp(`^round ${round}`));
    await lab.network.detach(nic, contextFor(round));
    assert.ok(await isSilent(lab, lab.names.internet, `http://${HOST}:8080/`));
  }
  await lab.network.removeAll(signal);
});
