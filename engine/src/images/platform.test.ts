import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { choosePlatform } from './platform.ts';
import type { Descriptor, Platform } from './schema.ts';

const entry = (n: number, platform?: Platform): Descriptor => ({
  mediaType: 'm',
  digest: `sha256:${String(n).repeat(64)}`,
  size: 1,
  ...(platform === undefined ? {} : { platform }),
});
const linux = (architecture: string, variant?: string): Platform => ({
  os: 'linux',
  architecture,
  ...(variant === undefined ? {} : { variant }),
});
const choose = (...manifests: Descriptor[]) => choosePlatform({ manifests }, 'amd64', 'x').digest[7];

test('the entry of this machine, its plain variant first, attestations never', () => {
  const other = entry(1, linux('arm64', 'v8'));
  const attestation = entry(2, { os: 'unknown', architecture: 'unknown' });
  assert.equal(choose(other, attestation, entry(3, linux('amd64'))), '3');
  assert.equal(choose(entry(3, linux('amd64', 'v3')), entry(4, linux('amd64'))), '4');
  assert.equal(choose(entry(3, linux('amd64', 'v3'))), '3');
  assert.equal(choose(entry(5)), '5');
});

test('no entry fits: the error names what there is', () => {
  for (const manifests of [
    [entry(1, linux('arm64')), entry(2, { os: 'windows', architecture: 'amd64' })],
    [entry(1, { os: 'unknown', architecture: 'unknown' })],
    [],
  ])
    assert.throws(
      () => choosePlatform({ manifests }, 'amd64', 'x'),
      (error) => isIgniteError(error, 'images/wrong-architecture') && /amd64/.test(error.message),
    );
});
