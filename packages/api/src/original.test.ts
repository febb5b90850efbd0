// What the original's objects were and are: versions, defaults, Configuration. Rows carry the ids of docs/parity.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from './errors/index.ts';
import { createdVm } from './fixtures/vm.ts';
import { parseManifest, parseVmManifest } from './manifest/index.ts';
import { toVersion } from './versions/index.ts';

const head = (version: string, kind = 'VM') => `apiVersion: ignite.weave.works/${version}\nkind: ${kind}\n`;

function faults(text: string): readonly string[] {
  try {
    parseManifest(text, 'x.yaml');
  } catch (error) {
    assert.ok(isIgniteError(error, 'api/invalid-manifest'));
    const { violations } = error.details;
    return Array.isArray(violations) ? violations.map(String) : [];
  }
  return [];
}

test('API-S10, API-D12: runtime and network are there in v1alpha3 and v1alpha4, also of a VM that never ran', () => {
  for (const version of ['v1alpha3', 'v1alpha4'] as const) {
    const { status } = toVersion(createdVm({ image: { oci: 'u:1' } }), version);
    assert.deepEqual(JSON.parse(JSON.stringify(status)), {
      running: false,
      runtime: { id: '', name: 'process' },
      network: { plugin: 'bridge', ipAddresses: [] },
      idPrefix: 'ignite',
    });
  }
});

test('API-X04, BUG-07: a v1alpha2 record without a runtime block is read', () => {
  const { spec, legacy } = parseVmManifest(
    `${head('v1alpha2')}spec: {image: {oci: u}}\nstatus: {running: true}\n`,
    'x',
  );
  assert.deepEqual([spec.running, legacy], [true, true]);
});

test('API-D05: spec.network.mode was of v1alpha1 alone', () => {
  for (const version of ['v1alpha2', 'v1alpha3', 'v1alpha4'])
    assert.match(
      faults(`${head(version)}spec: {network: {mode: cni}}`)[0] ?? '',
      /network\.mode is an unknown field/,
    );
  assert.match(faults(head('v1alpha1'))[0] ?? '', /v0\.8\.0/);
});

test('API-C03, API-C06, API-R09: a Configuration is read strictly; unknown networks and fields are told with their place', () => {
  const config = (spec: string) => `${head('v1alpha4', 'Configuration')}spec: ${spec}\n`;
  for (const plugin of ['cni', 'docker-bridge']) {
    const [read] = parseManifest(config(`{networkPlugin: ${plugin}, registryConfigDir: /d}`), 'c');
    assert.ok(read?.kind === 'Configuration');
    assert.deepEqual([read.spec.networkPlugin, read.spec.registryConfigDir], [plugin, '/d']);
  }
  assert.match(faults(config('{networkPlugin: weave}'))[0] ?? '', /^line 3, column 23: spec\.networkPlugin/);
  assert.match(faults(config('{nope: 1}'))[0] ?? '', /^line 3, column 8: spec\.nope is an unknown field/);
});

test('API-M03: created is optional, and kept where it is given', () => {
  assert.equal(parseVmManifest(`${head('v1alpha4')}metadata: {name: a}`, 'x').metadata.created, undefined);
  const given = `${head('v1alpha4')}metadata: {name: a, created: 2021-06-01T10:00:00Z}`;
  assert.equal(parseVmManifest(given, 'x').metadata.created, '2021-06-01T10:00:00Z');
});
