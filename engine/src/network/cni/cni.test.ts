import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CONFIGURATION, isConfigurationFile, parseConfiguration } from './configuration.ts';
import { portMappingsOf, readRecord } from './record.ts';
import { addressesIn, resultBySight, serversOf } from './result.ts';

const plugin = { type: 'bridge' };
const list = (more: object) =>
  JSON.stringify({ cniVersion: '1.0.0', name: 'net', plugins: [plugin], ...more });

test('a list and a single plugin are read alike; the newest version that both know is spoken', () => {
  const parsed = parseConfiguration(list({}), '/net.d/a.conflist');
  assert.deepEqual(parsed, { name: 'net', cniVersion: '1.0.0', plugins: [plugin] });
  const single = JSON.stringify({ cniVersion: '0.3.0', name: 'net', type: 'ptp', mtu: 1400 });
  const one = parseConfiguration(single, '/net.d/a.conf');
  assert.deepEqual([one.cniVersion, one.plugins[0]?.type, one.plugins[0]?.['mtu']], ['0.3.0', 'ptp', 1400]);
  const both = list({ cniVersions: ['0.4.0', '1.1.0', '9.9.9'] });
  assert.equal(parseConfiguration(both, '/net.d/a.conflist').cniVersion, '1.1.0');
  for (const cniVersion of ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])
    assert.equal(parseConfiguration(list({ cniVersion }), 'a.conflist').cniVersion, cniVersion);
  assert.equal(parseConfiguration(list({ disableCheck: true }), 'a.conflist').disableCheck, true);
  const told = JSON.stringify(DEFAULT_CONFIGURATION);
  assert.deepEqual(parseConfiguration(told, 'a.conflist'), DEFAULT_CONFIGURATION);
});

test('what is no configuration is told with the file and the reason', () => {
  const bad: readonly (readonly [string, RegExp])[] = [
    ['', /a.conflist is no JSON object/],
    ['[]', /is no JSON object/],
    [list({ name: '../x' }), /has no valid name/],
    [list({ name: 7 }), /has no valid name/],
    [list({ cniVersion: '0.2.0' }), /names no version that is supported.*"0.2.0"/],
    [list({ cniVersion: undefined }), /names no version/],
    [list({ plugins: [] }), /lists no plugins/],
    [list({ plugins: [plugin, { type: '../../bin/sh' }] }), /a plugin without a valid type/],
    [list({ plugins: [plugin, 'ptp'] }), /a plugin without a valid type/],
  ];
  for (const [text, message] of bad)
    assert.throws(() => parseConfiguration(text, '/net.d/a.conflist'), {
      code: 'network/cni-bad-configuration',
      message,
    });
});

test('files of the folder that are configurations', () => {
  const files = ['10-a.conf', 'b.conflist', 'c.json', 'd.conf.bak', 'e.txt', '.conf.swp'];
  assert.deepEqual(files.filter(isConfigurationFile), ['10-a.conf', 'b.conflist', 'c.json']);
});

test('published ports in the words of the capability', () => {
  const mappings = portMappingsOf([
    { hostPort: 8080, vmPort: 80, protocol: 'tcp' },
    { hostPort: 53, vmPort: 5353, protocol: 'udp', bindAddress: '127.0.0.1' },
    { hostPort: 81, vmPort: 81, protocol: 'tcp', bindAddress: '0.0.0.0' },
  ]);
  assert.deepEqual(mappings, [
    { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
    { hostPort: 53, containerPort: 5353, protocol: 'udp', hostIP: '127.0.0.1' },
    { hostPort: 81, containerPort: 81, protocol: 'tcp' },
  ]);
});

test('what is read of a result; garbage in it is passed over', () => {
  const result = {
    ips: [{ address: '10.1.0.2/16' }, { address: 'fd00::2/64' }, { address: 7 }, 'x'],
    dns: { nameservers: ['10.1.0.1', '2001:DB8::53', '::1', 'fe80::1', 7, 'x'] },
  };
  assert.deepEqual(addressesIn(result), ['10.1.0.2/16', 'fd00::2/64']);
  assert.deepEqual(serversOf(result), ['10.1.0.1', '2001:DB8::53']);
  for (const none of [undefined, {}, { ips: {}, dns: [] }, { dns: { nameservers: 'x' } }])
    assert.deepEqual([addressesIn(none), serversOf(none)], [[], []]);
});

test('a lost result is told by what is in the namespace, in the words of its version', () => {
  const attachment = { containerId: 'ignite-a', netns: '/run/netns/n', interface: 'eth0' };
  const eth0 = { name: 'eth0', mac: '02:00:00:00:00:01', mtu: 1500, address: '10.1.0.2', prefixLength: 16 };
  const ips = (version: string) => resultBySight(version, attachment, [eth0])?.['ips'];
  assert.deepEqual(ips('1.0.0'), [{ address: '10.1.0.2/16', interface: 0 }]);
  assert.deepEqual(ips('0.4.0'), [{ version: '4', address: '10.1.0.2/16', interface: 0 }]);
  const both = { ...eth0, further: ['10.1.0.3/16', 'fd00::2/64'] };
  assert.deepEqual(resultBySight('0.4.0', attachment, [both])?.['ips'], [
    { version: '4', address: '10.1.0.2/16', interface: 0 },
    { version: '4', address: '10.1.0.3/16', interface: 0 },
    { version: '6', address: 'fd00::2/64', interface: 0 },
  ]);
  assert.equal(resultBySight('1.0.0', attachment, []), undefined);
});

test('a record that is damaged is none', () => {
  const attachment = { containerId: 'a', netns: '/n', interface: 'eth0' };
  const record = { format: 1, configuration: DEFAULT_CONFIGURATION, attachment, portMappings: [] };
  assert.deepEqual(readRecord(record), record);
  for (const damaged of [
    undefined,
    7,
    {},
    { ...record, format: 2 },
    { ...record, attachment: {} },
    { ...record, configuration: {} },
  ])
    assert.equal(readRecord(damaged), undefined);
});
