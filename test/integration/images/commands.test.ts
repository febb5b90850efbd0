// The commands on images, end to end: CLI, daemon, Debian's registry with htpasswd and TLS of its own authority.
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startIgnited } from '../../containers/index.ts';
import { buildImage, directory, file, ociArchive, tarOf } from '../../images/index.ts';
import { makeCertificates, startDockerRegistry, startFakeRegistry } from '../../registry/index.ts';
import { HTPASSWD } from './htpasswd.ts';

test('login, push, pull and logout at a registry with a password and its own authority', async () => {
  await using ignited = await startIgnited({ registryConfigDir: '/nonexistent' });
  const { folder, home, run } = ignited;
  const made = await makeCertificates(folder);
  await using registry = await startDockerRegistry({ htpasswd: HTPASSWD, tls: made });
  const login = (password: string, ...more: readonly string[]) =>
    run(['login', '-u', 'joe', '--password-stdin', ...more, registry.host], { stdin: `${password}\n` });
  assert.match((await login('secret')).stderr, /certificate of registry \S+ is not trusted/);
  assert.equal((await login('secret', '--insecure-registry', registry.host)).code, 0);
  const wrong = await login('wrong', '--insecure-registry', registry.host);
  assert.deepEqual([wrong.code, wrong.stdout], [1, '']);
  assert.match(wrong.stderr, /answered 401/);
  const kept = join(home, '.docker/config.json');
  assert.equal((await stat(kept)).mode & 0o777, 0o600);
  assert.ok(Object.hasOwn(JSON.parse(await readFile(kept, 'utf8')).auths, registry.host));

  const archive = await ociArchive(await buildImage({ layers: [{ entries: [file('a', 'b')] }] }), 'web:1');
  const loaded = await run(['load'], { stdin: archive });
  assert.equal(loaded.code, 0, loaded.stderr);
  const target = `${registry.host}/team/web:1`;
  const push = ['push', '--insecure-registry', registry.host, 'web:1', target];
  const pushed = await run(push);
  assert.equal(pushed.code, 0, pushed.stderr);
  assert.match(pushed.stdout, new RegExp(`^${registry.host}/team/web:1@sha256:[0-9a-f]{64}\n$`));
  assert.equal((await run(['rmi', 'web:1'])).code, 0);
  const pulled = await run(['pull', '--insecure-registry', registry.host, pushed.stdout.trim()]);
  assert.equal(pulled.code, 0, pulled.stderr);

  const out = await run(['logout', registry.host]);
  assert.match(out.stderr, /Removed the login/);
  const refused = await run(['pull', '--insecure-registry', registry.host, target]);
  assert.match(refused.stderr, /answered 401/);
});

test('the Configuration’s folder has certificates and credentials', async () => {
  await using scratch = await startIgnited(); // for its folder
  const own = join(scratch.folder, 'registry');
  const made = await makeCertificates(scratch.folder);
  await using registry = await startDockerRegistry({ htpasswd: HTPASSWD, tls: made });
  await mkdir(join(own, 'certs.d', registry.host), { recursive: true });
  await copyFile(made.authority, join(own, 'certs.d', registry.host, 'ca.crt'));
  const auth = Buffer.from('joe:secret').toString('base64');
  await writeFile(join(own, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
  await using ignited = await startIgnited({ registryConfigDir: own });
  const missing = await ignited.run(['pull', `${registry.host}/none:1`]);
  assert.match(missing.stderr, /answered 404/); // known and let in: it only lacks the image
});

test('a mirror in the Configuration is asked before Docker Hub', async () => {
  await using registry = await startFakeRegistry();
  registry.add('library/mirrored', 'latest', await buildImage({ layers: [{ entries: [file('a', 'b')] }] }));
  await using ignited = await startIgnited({ registryMirrors: { 'docker.io': [`http://${registry.host}`] } });
  const { code, stderr, stdout } = await ignited.run(['pull', 'mirrored']);
  assert.deepEqual([code, stdout], [0, 'mirrored:latest\n'], stderr);
});

test('save, load, import, prune; limits of the Configuration', async () => {
  await using ignited = await startIgnited({ imports: { maxEntries: 10 } });
  const { folder, run } = ignited;
  const rootfs = join(folder, 'rootfs.tar');
  await writeFile(rootfs, await tarOf([directory('bin/'), file('bin/hello', 'x', { mode: 0o755 })]));
  const imported = await run(['import', rootfs, 'root:1', '-c', 'CMD ["/bin/hello"]', '-c', 'LABEL a=b']);
  assert.match(imported.stdout, /^[0-9a-f]{16}\n$/, imported.stderr);
  const listed = await run(['images', '-f', 'label=a=b', '--format', '{{.Name}}']);
  assert.equal(listed.stdout, 'root:1\n');
  const archive = join(folder, 'saved.tar');
  assert.equal((await run(['save', '-o', archive, 'root:1'])).code, 0);
  assert.match((await run(['save', 'absent:1'])).stderr, /There is no image absent:1/);
  const digest = await run(['image', 'inspect', '--format', '{{.status.digest}}', 'root:1']);
  const pruned = await run(['image', 'prune', '-a']);
  assert.deepEqual([pruned.code, pruned.stdout], [0, imported.stdout]);
  assert.match(pruned.stderr, /Removed 1 image; .*(KB|MB) are free again/);
  assert.equal((await run(['load', '-i', archive])).code, 0);
  const again = await run(['image', 'inspect', '--format', '{{.status.digest}}', 'root:1']);
  assert.match(digest.stdout, /^sha256:/);
  assert.equal(again.stdout, digest.stdout);
  const many = Array.from({ length: 30 }, (_, n) => file(`f${n}`, ''));
  const large = await run(['import', '-', 'large:1'], { stdin: await tarOf(many) });
  assert.match(large.stderr, /more than 10 entries/);
});
