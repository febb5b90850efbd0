// The janitor on a real host: what carries our mark and belongs to nothing is listed, then removed; what belongs to a VM, to
// another engine, or to the owner of the host is not touched.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type Commands, createCgroups, hostCommands, readMountInfo } from '../../../engine/src/host/index.ts';
import { networkStrays } from '../../../engine/src/network/index.ts';
import { networkNames, tapName } from '../../../engine/src/network/names.ts';
import { openJanitor } from '../../../engine/src/wiring/open-janitor.ts';
import { CALL, type House, openHouse, SERVES, START } from '../lifecycle/house.ts';
import { buildPrograms, eventually } from '../supervisor/world.ts';

before(buildPrograms);

const { signal } = new AbortController();

async function janitorOf(house: House) {
  const { state, supervisor, network, disks } = house.engine.rooms;
  const cgroups = createCgroups({
    parent: `ignite-test-${state.instance}`,
    mountInfo: await readMountInfo(),
  });
  const janitor = openJanitor(
    { state, supervisor, network, disks, cgroups },
    house.vms,
    hostCommands(),
    false,
  );
  return { cgroups, sweep: (dryRun: boolean) => janitor.sweep({ dryRun, signal }) };
}

test('a clean host has nothing to sweep, with VMs that run, are stopped and were never started', async () => {
  await using house = await openHouse();
  for (const name of ['x', 'y', 'z']) await house.create(name, SERVES);
  for (const name of ['x', 'y']) await house.vms.start(name, START);
  await house.vms.stop('y', CALL);
  const { sweep } = await janitorOf(house);
  assert.deepEqual(await sweep(false), []);
  assert.equal(house.state('x'), 'running');
});

test('a dry run lists, the sweep removes: a run folder, a group, trash, a mount', async () => {
  await using house = await openHouse();
  await house.create('x', SERVES);
  await house.vms.start('x', START);
  const { cgroups, sweep } = await janitorOf(house);
  await mkdir(join(house.root, 'run/77/jail'), { recursive: true });
  await writeFile(join(house.root, 'run/77/spawn.json'), '{}');
  execFileSync('mount', ['-t', 'tmpfs', 'none', join(house.root, 'run/77/jail')]);
  await mkdir(join(house.root, 'state/trash/old-1'), { recursive: true });
  await cgroups.make('78');
  await cgroups.make('0');

  const listed = await sweep(true);
  const kinds = listed.map(({ kind, result }) => `${kind} ${result}`).toSorted();
  assert.deepEqual(kinds, ['cgroup stray', 'mount stray', 'run-folder stray', 'trash stray']);
  assert.ok(existsSync(join(house.root, 'run/77/spawn.json')));

  assert.deepEqual(new Set((await sweep(false)).map(({ result }) => result)), new Set(['removed']));
  assert.deepEqual(await sweep(true), []);
  assert.deepEqual(await readdir(join(house.root, 'run')), ['0']);
  assert.deepEqual(await cgroups.names(), ['0']);
  assert.equal(house.state('x'), 'running');
  await cgroups.remove('0');
});

test('a supervisor whose run folder is gone is ended; a VM without a record that can be adopted is left alone', async () => {
  await using house = await openHouse();
  for (const name of ['x', 'y']) {
    await house.create(name, SERVES);
    await house.vms.start(name, START);
  }
  const [lost, kept] = [await house.supervisorPid('x'), await house.supervisorPid('y')];
  const uids = ['x', 'y'].map((name) => house.vms.inspect(name).metadata.uid);
  await house.engine[Symbol.asyncDispose]();
  await rm(join(house.root, 'run/0'), { recursive: true });
  for (const uid of uids) await rm(join(house.root, 'state/vms', uid), { recursive: true });
  await house.open();
  const { sweep } = await janitorOf(house);

  const swept = await sweep(false);
  const told = swept.map(({ kind, name, result }) => [kind, name, result]);
  assert.deepEqual(told, [
    ['process', String(lost), 'removed'],
    ['run-folder', join(house.root, 'run/1'), 'left'],
  ]);
  await eventually(
    () => house.processes(),
    (pids) => !pids.includes(lost),
  );
  assert.ok(existsSync(`/proc/${kept}`));
});

test('interfaces and namespaces: ours without an owner go, those of others stay', async (t) => {
  const [instance, ordinal] = ['fe01a8', 201];
  const { mark, alias } = networkNames(instance, ordinal);
  const other = networkNames('0b5e55', ordinal).mark;
  const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' });
  const spaces = [`${mark}-ign201`, `${mark}-ign201n9`, `${mark}-vm4`, `${mark}-vm5`, `${other}-vm4`];
  t.after(() => {
    for (const name of spaces) execFileSync('sh', ['-c', `ip netns del ${name} 2>/dev/null || true`]);
    execFileSync('sh', ['-c', 'ip link del ign201n7 2>/dev/null; ip link del ign201n8 2>/dev/null; true']);
  });
  for (const name of spaces) ip('netns', 'add', name);
  for (const slot of [4, 5])
    ip('-n', `${mark}-ign201`, 'tuntap', 'add', 'mode', 'tap', 'name', tapName(ordinal, slot));
  for (const link of ['ign201n7', 'ign201n8'])
    ip('link', 'add', link, 'type', 'veth', 'peer', 'name', `p${link}`);
  ip('link', 'set', 'ign201n7', 'alias', alias);

  const input = {
    commands: hostCommands(),
    instance,
    ordinal,
    links: async () => ['ign201'],
    isUsed: (slot: number) => slot === 5,
    addresses: () => new Set<string>(),
  };
  const strays = await networkStrays(input, signal);
  const names = strays.map(({ kind, name }) => `${kind} ${name}`).toSorted();
  assert.deepEqual(
    names,
    ['link ign201n7', `netns ${mark}-ign201n9`, `netns ${mark}-vm4`, 'tap ign201t4'].toSorted(),
  );
  for (const stray of strays) await stray.remove(signal);
  assert.deepEqual(await networkStrays(input, signal), []);
  const left = await readdir('/run/netns');
  for (const name of [`${mark}-ign201`, `${mark}-vm5`, `${other}-vm4`]) assert.ok(left.includes(name), name);
  assert.match(await readFile('/proc/net/dev', 'utf8'), /ign201n8/);
});

test('accepts in the firewall of somebody else: for our interfaces that are gone; all others stay', async (t) => {
  const [instance, ordinal] = ['fe03c0', 204];
  const { mark } = networkNames(instance, ordinal);
  const other = networkNames('0b5e57', ordinal).mark;
  const host = 'ignite-test-fe03c0';
  const run = (script: string) => execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  t.after(() => run(`ip link del ign204 2>/dev/null; ip netns del ${host} 2>/dev/null; true`));
  run(`ip netns add ${host}; ip link add ign204 type veth peer name pign204`);
  const inside: Commands['run'] = (argv, options) =>
    hostCommands().run(argv, { netns: `/run/netns/${host}`, ...options });
  const rule = (link: string, owner?: string) => {
    const comment = owner === undefined ? '' : ` -m comment --comment ${owner}`;
    return `-A DOCKER-USER -i ${link}${comment} -j ACCEPT\n`;
  };
  const kept = [rule('ign204', mark), rule('ign204n7', other), rule('eth9')];
  const gone = rule('ign204n7', mark);
  const rules = `*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n${kept.join('')}${gone}COMMIT\n`;
  await inside(['iptables-nft-restore'], { input: rules });

  const input = {
    commands: { run: inside },
    instance,
    ordinal,
    links: async () => ['ign204'],
    isUsed: () => true,
    addresses: () => new Set<string>(),
  };
  const [stray, ...more] = await networkStrays(input, signal);
  assert.deepEqual([stray?.kind, stray?.name, more], ['rule', `${mark} ign204n7`, []]);
  await stray?.remove(signal);
  assert.deepEqual(await networkStrays(input, signal), []);
  const { stdout } = await inside(['iptables-nft-save']);
  const left = stdout.split('\n').filter((line) => line.startsWith('-A'));
  assert.deepEqual(
    left.map((line) => `${line.replaceAll('"', '')}\n`),
    kept,
  );
});

test('rules: of tables without a network and of addresses without a VM; those of VMs and of others stay', async (t) => {
  const [instance, ordinal] = ['fe02b9', 202];
  const { mark, table } = networkNames(instance, ordinal);
  const [old, other] = [networkNames(instance, 203).table, networkNames('0b5e56', ordinal).table];
  const netns = `${mark}-ign202`;
  const run = (script: string) => execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  t.after(() =>
    run(`for t in ${table} ${old} ${other}; do nft delete table inet $t 2>/dev/null; done
      ip link del ign202 2>/dev/null; ip netns del ${netns} 2>/dev/null; true`),
  );
  run(`ip netns add ${netns}; ip link add ign202 type veth peer name pign202`);
  const content = `
    set vms { type ipv4_addr; elements = { 10.9.0.2 comment "gone", 10.9.0.3 comment "there" }; }
    map ports { type inet_proto . inet_service : ipv4_addr . inet_service
      elements = { tcp . 8080 comment "gone" : 10.9.0.2 . 80, udp . 53 : 10.9.0.3 . 53 }; }
    chain vm_10_9_0_2 { accept; }
    map policies { type ipv4_addr : verdict; elements = { 10.9.0.2 : jump vm_10_9_0_2 }; }\n`;
  for (const name of [table, old, other])
    execFileSync('nft', ['-f', '-'], { input: `table inet ${name} {${content}}` });
  const sources =
    'type ifname . ether_addr . ipv4_addr; elements = { "ign202t4" . 02:00:00:00:00:01 . 10.9.0.2 };';
  const inside = `table bridge ${table} {\nset sources { ${sources} }\n}\n`;
  execFileSync('ip', ['netns', 'exec', netns, 'nft', '-f', '-'], { input: inside });

  const input = {
    commands: hostCommands(),
    instance,
    ordinal,
    links: async () => ['ign202'],
    isUsed: () => true,
    addresses: () => new Set(['10.9.0.3']),
  };
  const strays = await networkStrays(input, signal);
  const names = strays.map(({ kind, name }) => `${kind} ${name}`);
  assert.deepEqual(names, [
    `table inet ${old}`,
    `rule inet ${table} 10.9.0.2`,
    `rule bridge ${table} 10.9.0.2`,
  ]);
  assert.deepEqual(
    await networkStrays({ ...input, addresses: () => undefined }, signal).then((all) => all.length),
    1,
  );
  for (const stray of strays) await stray.remove(signal);
  assert.deepEqual(await networkStrays(input, signal), []);
  const left = run(`nft list table inet ${table}`);
  assert.match(left, /10\.9\.0\.3/);
  assert.match(left, /udp \. 53/);
  assert.doesNotMatch(left, /10\.9\.0\.2|8080|vm_10/);
  assert.match(run(`nft list table inet ${other}`), /10\.9\.0\.2/);
});
