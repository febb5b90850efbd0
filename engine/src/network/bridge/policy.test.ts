import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedElements, policyChains, policyElements } from './policy.ts';

const nic = { address: '10.62.0.2' };

test('a VM that may what every VM may has nothing of its own', () => {
  for (const policy of [undefined, {}, { preset: 'lan' }, { allow: [] }] as const)
    assert.deepEqual(
      [policyElements(nic, policy), policyChains(nic, policy), closedElements(nic, policy)],
      [[], [], []],
    );
});

test('a preset is a verdict, rules are a chain before it', () => {
  assert.deepEqual(policyElements(nic, { preset: 'public' }), ['10.62.0.2 : jump preset_public']);
  assert.deepEqual(closedElements(nic, { preset: 'none' }), ['10.62.0.2']);
  const policy = {
    preset: 'none',
    allow: [
      { cidr: '10.1.0.0/16' },
      { cidr: '10.2.0.1', protocol: 'icmp' },
      { cidr: '10.2.0.1', protocol: 'tcp', port: 80 },
      { cidr: '10.2.0.1', protocol: 'udp', port: 53, endPort: 55 },
    ],
  } as const;
  assert.deepEqual(policyElements(nic, policy), ['10.62.0.2 : jump vm_10_62_0_2']);
  assert.deepEqual(policyChains(nic, policy), [
    {
      name: 'vm_10_62_0_2',
      rules: [
        'ip daddr 10.1.0.0/16 accept',
        'ip daddr 10.2.0.1 meta l4proto icmp accept',
        'ip daddr 10.2.0.1 tcp dport 80 accept',
        'ip daddr 10.2.0.1 udp dport 53-55 accept',
        'goto preset_none',
      ],
    },
  ]);
});
