import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretFor } from './credentials.ts';
import { apiHost, canonicalRegistry, isLoopback } from './hosts.ts';

test('aliases of Docker Hub are one registry', () => {
  for (const word of ['docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io', 'Docker.IO'])
    assert.equal(canonicalRegistry(word), 'docker.io');
  assert.equal(apiHost('docker.io'), 'registry-1.docker.io');
  assert.equal(canonicalRegistry('https://ghcr.io:443/x'), 'ghcr.io');
});

test('loopback is told exactly', () => {
  for (const host of ['localhost', 'localhost:5000', '127.0.0.1:1', '127.9.9.9', '[::1]:5000', 'a.localhost'])
    assert.equal(isLoopback(host), true, host);
  for (const host of ['localhost.example', '127.0.0.1.example:5000', '10.0.0.1', 'example', '[::2]:5000'])
    assert.equal(isLoopback(host), false, host);
});

test('credentials belong to one host, exactly', () => {
  const credentials = [
    { registry: 'registry.example', username: 'u', password: 'p' },
    { registry: 'https://index.docker.io/v1/', username: '<token>', password: 'identity' },
    { registry: 'ghcr.io', identityToken: 'i' },
  ];
  assert.deepEqual(secretFor('registry.example', credentials), {
    kind: 'password',
    username: 'u',
    password: 'p',
  });
  for (const other of ['registry.example:5000', 'registry.example.com', 'my.registry.example'])
    assert.deepEqual(secretFor(other, credentials), { kind: 'none' });
  assert.deepEqual(secretFor('docker.io', credentials), { kind: 'identity', token: 'identity' });
  assert.deepEqual(secretFor('ghcr.io', credentials), { kind: 'identity', token: 'i' });
});
