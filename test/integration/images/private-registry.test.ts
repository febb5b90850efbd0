// A real registry with passwords, and one with TLS from an authority of its own.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { makeCertificates, startDockerRegistry } from '../../registry/index.ts';
import { buildImage, file, pushImage } from '../../images/index.ts';
import { openStore, request } from './fixture.ts';

/** user:secret, bcrypt */
const HTPASSWD = 'user:$2b$05$r.QQi1gOqKgb8unmxGm7We.WTNVLYU0TCeavctzgZ3Zr/1793aYdC\n';
const image = () => buildImage({ layers: [{ entries: [file('a', 'b')] }] });

test('a registry with htpasswd wants credentials', async () => {
  await using registry = await startDockerRegistry({ htpasswd: HTPASSWD });
  const authorization = `Basic ${Buffer.from('user:secret').toString('base64')}`;
  await pushImage(registry.url, 'private/app', '1', await image(), { authorization });
  await using store = await openStore();
  const reference = `${registry.host}/private/app:1`;
  const login = (password: string) => [{ registry: registry.host, username: 'user', password }];
  for (const credentials of [[], login('wrong')])
    await assert.rejects(store.images.ensure(reference, request({ credentials })), (error) =>
      isIgniteError(error, 'images/unauthorized'),
    );
  const record = await store.images.ensure(reference, request({ credentials: login('secret') }));
  assert.equal(record.reference, reference);
});

test('REG-06, REG-07: a registry with its own authority is trusted by certs.d, or when it is listed as insecure', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'certs-'));
  try {
    const made = await makeCertificates(folder);
    await using registry = await startDockerRegistry({ tls: made });
    // The test's own client knows no authority: the image comes in by a plain registry's folder of the same process.
    const reference = `${registry.host}/none:1`;
    const trusting = join(folder, 'certs.d');
    await mkdir(join(trusting, registry.host), { recursive: true });
    await copyFile(made.authority, join(trusting, registry.host, 'ca.crt'));
    const attempt = async (certificateFolders: readonly string[], insecure: readonly string[]) => {
      await using store = await openStore({ registry: { certificateFolders, attempts: 1 } });
      return store.images
        .ensure(reference, request({ insecureRegistries: insecure }))
        .catch((error: unknown) => error);
    };
    // Reached: it does not have the image. Not reached: its certificate is refused.
    assert.ok(isIgniteError(await attempt([trusting], []), 'images/not-found'));
    assert.ok(isIgniteError(await attempt([], [registry.host]), 'images/not-found'));
    const refused = await attempt([], []);
    assert.ok(isIgniteError(refused, 'images/registry-untrusted'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
