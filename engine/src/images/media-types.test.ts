import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { layerCompression } from './media-types.ts';

test('layer types of OCI and Docker', () => {
  const oci = 'application/vnd.oci.image.layer.v1.tar';
  const docker = 'application/vnd.docker.image.rootfs.diff.tar';
  const types = [oci, `${oci}+gzip`, `${oci}+zstd`, docker, `${docker}.gzip`, `${docker}.zstd`];
  assert.deepEqual(
    types.map((type) => layerCompression(type, 'd')),
    ['none', 'gzip', 'zstd', 'none', 'gzip', 'zstd'],
  );
});

test('other types are refused by name, foreign ones as such', () => {
  const refused = (type: string, words: RegExp) =>
    assert.throws(
      () => layerCompression(type, 'sha256:x'),
      (error) =>
        isIgniteError(error, 'images/unknown-layer-type') &&
        error.message.includes(type) &&
        words.test(error.message),
    );
  refused('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', /foreign/);
  refused('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', /foreign/);
  refused('application/vnd.cncf.helm.chart.content.v1.tar+gzip', /no file system/);
});
