import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VmRecord } from '@ignite/api';
import { selfMetadata } from './self-metadata.ts';

function record(labels: Readonly<Record<string, string>>): VmRecord {
  const nic = { mode: 'bridge', network: 'ign0', mac: '02:00:00:00:00:01', address: '10.61.0.9', mtu: 1500 };
  return {
    metadata: { uid: '0123456789abcdef', name: 'web', created: '2026-01-01T00:00:00Z', labels },
    spec: { image: { oci: 'web:1' } },
    bound: { nics: [nic] },
  } as unknown as VmRecord;
}

test('a guest learns its name, address and labels where cloud images look', () => {
  assert.deepEqual(selfMetadata(record({ tier: 'front' })), {
    latest: {
      'meta-data': {
        'instance-id': '0123456789abcdef',
        hostname: 'web',
        'local-hostname': 'web',
        'local-ipv4': '10.61.0.9',
        mac: '02:00:00:00:00:01',
      },
    },
    ignite: { uid: '0123456789abcdef', name: 'web', image: 'web:1', labels: { tier: 'front' } },
  });
});

test('labels that are more than the service holds are left out', () => {
  const told = selfMetadata(record({ long: 'x'.repeat(60_000) }));
  assert.deepEqual((told['ignite'] as { labels: object }).labels, {});
});
