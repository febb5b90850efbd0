import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importLimits, registrySettings } from './from-configuration.ts';

test('a Configuration reaches the registry client', () => {
  const settings = registrySettings(
    {
      insecureRegistries: ['10.0.0.5:5000'],
      registryMirrors: { 'https://index.docker.io/v1/': ['https://mirror.example'] },
      registryConfigDir: '/etc/own',
    },
    { HTTPS_PROXY: 'http://proxy:3128' },
  );
  assert.deepEqual(settings.insecureRegistries, ['10.0.0.5:5000']);
  assert.deepEqual(settings.mirrors, { 'docker.io': ['https://mirror.example'] });
  assert.equal(settings.certificateFolders?.[0], '/etc/own/certs.d');
  assert.ok(settings.certificateFolders?.includes('/etc/docker/certs.d'));
  assert.deepEqual(settings.environment, { HTTPS_PROXY: 'http://proxy:3128' });
});

test('limits that are not named keep their defaults', () => {
  assert.deepEqual(importLimits(), {});
  assert.deepEqual(importLimits({ maxSize: 1 << 30, maxMemory: 1 << 29, devices: 'refuse' }), {
    maxUnpackedBytes: 1 << 30,
    maxMemoryBytes: 1 << 29,
    devices: 'refuse',
  });
});
