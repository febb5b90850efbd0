import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowRule } from './policy-words.ts';

for (const [word, rule] of [
  ['10.1.0.0/16', { cidr: '10.1.0.0/16' }],
  ['10.1.2.3', { cidr: '10.1.2.3' }],
  ['10.1.2.3:icmp', { cidr: '10.1.2.3', protocol: 'icmp' }],
  ['0.0.0.0/0:udp', { cidr: '0.0.0.0/0', protocol: 'udp' }],
  ['10.1.2.3:tcp/5432', { cidr: '10.1.2.3', protocol: 'tcp', port: 5432 }],
  ['10.1.0.0/16:udp/6000-6010', { cidr: '10.1.0.0/16', protocol: 'udp', port: 6000, endPort: 6010 }],
] as const)
  test(`--allow ${word}`, () => assert.deepEqual(allowRule(word), rule));

for (const [word, says] of [
  ['', /no range of IPv4/],
  ['db', /"db" is no range of IPv4/],
  ['10.1.0.0/33', /no range of IPv4/],
  ['fd00::1/64', /no range of IPv4/],
  ['10.1.2.3:5432', /"5432" is none of tcp, udp, icmp/],
  ['10.1.2.3:tcp/', /is no port/],
  ['10.1.2.3:tcp/80,81', /"80,81" is no port/],
  ['10.1.2.3:tcp/http', /"http" is no port/],
] as const)
  test(`--allow ${word} is refused`, () => {
    assert.throws(() => allowRule(word), says);
  });
