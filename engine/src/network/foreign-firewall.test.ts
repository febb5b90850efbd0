import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsToAdd, acceptsToRemove, portAcceptsToAdd } from './foreign-firewall.ts';

const saved = (...lines: readonly string[]) =>
  ['*nat', ':FORWARD DROP [0:0]', 'COMMIT', '*filter', ':INPUT ACCEPT [0:0]', ...lines, 'COMMIT', ''].join(
    '\n',
  );
const add = (text: string) => acceptsToAdd(text, ['ign0'], 'ignite-0-abc');
const accepts = (chain: string) =>
  ['-i', '-o'].map((way) => `-A ${chain} ${way} ign0 -m comment --comment ignite-0-abc -j ACCEPT`);

test('nothing where nothing drops', () => {
  assert.equal(add(''), undefined);
  assert.equal(add(saved(':FORWARD ACCEPT [3:9]', '-A FORWARD -i br0 -j ACCEPT')), undefined);
});

test('into FORWARD itself where its policy or a rule of it drops', () => {
  for (const text of [
    saved(':FORWARD DROP [0:0]'),
    saved(':FORWARD ACCEPT [0:0]', '-A FORWARD -j REJECT --reject-with icmp-host-prohibited'),
  ])
    assert.equal(
      add(text),
      '*filter\n-I FORWARD 1 -i ign0 -m comment --comment ignite-0-abc -j ACCEPT\n' +
        '-I FORWARD 1 -o ign0 -m comment --comment ignite-0-abc -j ACCEPT\nCOMMIT\n',
    );
});

test('into Docker’s chain before ufw’s, once', () => {
  const both = [':FORWARD DROP [0:0]', ':ufw-user-forward - [0:0]', ':DOCKER-USER - [0:0]'];
  assert.match(add(saved(...both)) ?? '', /-I DOCKER-USER 1 -i ign0/);
  assert.equal(add(saved(...both, ...accepts('DOCKER-USER'))), undefined);
  const half = add(saved(...both, ...accepts('DOCKER-USER').slice(1)));
  assert.equal(half?.match(/^-I/gm)?.length, 1);
  assert.match(add(saved(':FORWARD DROP [0:0]', ':ufw-user-forward - [0:0]')) ?? '', /-I ufw-user-forward/);
});

test('questions for names reach the host where its firewall drops what it does not know', () => {
  const questions = (chain: string) =>
    new RegExp(
      `^-I ${chain} 1 -i ign0 -p udp -m udp --dport 53 -m comment --comment ignite-0-abc -j ACCEPT$`,
      'm',
    );
  assert.match(add('*filter\n:INPUT DROP [0:0]\nCOMMIT\n') ?? '', questions('INPUT'));
  const ufw = add('*filter\n:INPUT DROP [0:0]\n:ufw-user-input - [0:0]\nCOMMIT\n') ?? '';
  assert.match(ufw, questions('ufw-user-input'));
  assert.doesNotMatch(ufw, /FORWARD| INPUT /);
});

test('only rules with our mark are removed', () => {
  const others = [
    '-A FORWARD -i ign0 -j ACCEPT',
    '-A FORWARD -i ign0 -m comment --comment ignite-0-abcd -j ACCEPT',
    '-A FORWARD -i ign0 -m comment --comment "not ignite-0-abc" -j ACCEPT',
  ];
  assert.equal(acceptsToRemove(saved(...others), 'ignite-0-abc', 'ign0'), undefined);
  assert.equal(
    acceptsToRemove(saved(...others, ...accepts('DOCKER-USER').slice(0, 1)), 'ignite-0-abc', 'ign0'),
    '*filter\n-D DOCKER-USER -i ign0 -m comment --comment ignite-0-abc -j ACCEPT\nCOMMIT\n',
  );
});

test('published ports of a VM of somebody else’s network: connections that were led there, and their answers, once', () => {
  const mark = 'ignite-0-abc-vm3';
  const port = { address: '10.1.0.2', protocol: 'udp', port: 53, mark } as const;
  const rules = ['-d 10.1.0.2/32 -p udp -m udp --dport 53', '-s 10.1.0.2/32 -p udp -m udp --sport 53'].map(
    (match) => `${match} -m conntrack --ctstate DNAT -m comment --comment ${mark} -j ACCEPT`,
  );
  assert.equal(portAcceptsToAdd(saved(':FORWARD ACCEPT [0:0]'), [port]), undefined);
  const drops = ':FORWARD DROP [0:0]';
  assert.equal(
    portAcceptsToAdd(saved(drops), [port, port]),
    `*filter\n${rules.map((rule) => `-I FORWARD 1 ${rule}\n`).join('')}COMMIT\n`,
  );
  const there = saved(drops, ...rules.map((rule) => `-A FORWARD ${rule}`));
  assert.equal(portAcceptsToAdd(there, [port]), undefined);
  assert.equal(
    acceptsToRemove(there, mark),
    `*filter\n${rules.map((rule) => `-D FORWARD ${rule}\n`).join('')}COMMIT\n`,
  );
  assert.equal(acceptsToRemove(there, 'ignite-0-abc'), undefined);
});
