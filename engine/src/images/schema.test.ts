import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import fc from 'fast-check';
import { runConfigOf } from './run-config.ts';
import { parseConfig, parseIndex, parseManifest } from './schema.ts';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const digest = `sha256:${'a'.repeat(64)}`;
const descriptor = { mediaType: 'm', digest, size: 1 };

test('unknown fields are ignored, nulls of Go are empty', () => {
  const config = parseConfig(
    bytes({
      architecture: 'amd64',
      os: 'linux',
      extra: 1,
      config: { Cmd: null, Entrypoint: ['/x'], Env: null, User: null, ExposedPorts: null, OnBuild: null },
      rootfs: { type: 'layers', diff_ids: [digest] },
    }),
    'Configuration',
  );
  assert.deepEqual(runConfigOf(config), {
    entrypoint: ['/x'],
    cmd: [],
    env: [],
    user: '',
    workdir: '',
    exposedPorts: [],
    labels: {},
  });
});

test('an image without a run configuration runs nothing', () => {
  const config = parseConfig(bytes({ rootfs: { type: 'layers', diff_ids: [] } }), 'Configuration');
  assert.deepEqual(runConfigOf(config).cmd, []);
});

test('a digest that leads out of the store is none', () => {
  for (const bad of [
    'sha256:../../../../etc/passwd',
    `sha256:${'A'.repeat(64)}`,
    `md5:${'a'.repeat(64)}`,
    '',
  ])
    assert.throws(
      () =>
        parseManifest(
          bytes({ schemaVersion: 2, config: { ...descriptor, digest: bad }, layers: [] }),
          'Manifest x',
        ),
      (error) =>
        isIgniteError(error, 'images/bad-manifest') && /Manifest x.*config\.digest/.test(error.message),
    );
});

test('whatever the bytes are, the answer is a document or our error', () => {
  const parsers = [parseConfig, parseIndex, parseManifest];
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), fc.nat(2), (text, which) => {
      try {
        parsers[which]?.(Buffer.from(text), 'It');
      } catch (error) {
        assert.ok(isIgniteError(error, 'images/bad-manifest'));
      }
    }),
  );
});

test('a document that is both index and manifest is neither', () => {
  const manifest = { schemaVersion: 2, config: descriptor, layers: [descriptor] };
  const index = { schemaVersion: 2, manifests: [descriptor] };
  assert.equal(parseManifest(bytes({ ...manifest, manifests: null }), 'It').layers.length, 1);
  for (const parser of [parseManifest, parseIndex])
    assert.throws(
      () => parser(bytes({ ...manifest, ...index }), 'It'),
      (error) => isIgniteError(error, 'images/bad-manifest') && error.message.includes('ambiguous'),
    );
});

test('a document of millions of values, each of them wrong, is refused at once', () => {
  const many = Buffer.from(`{"config":{"Env":[${'1,'.repeat(1 << 20)}1]}}`);
  assert.throws(
    () => parseConfig(many, 'It'),
    (error) => isIgniteError(error, 'images/bad-manifest') && error.message.includes('more than'),
  );
});
