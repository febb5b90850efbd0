// Images of a real Docker and a real containerd (Debian's docker.io and containerd), taken over by `docker://` and
// `containerd://`, and ours read by them.
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startContainerd, startDockerd, startIgnited } from '../../containers/index.ts';
import { buildImage, file, ociArchive, tarOf } from '../../images/index.ts';
import { debugfs } from './fixture.ts';

async function baseOf(state: string): Promise<string> {
  const { readdir } = await import('node:fs/promises');
  const folder = join(state, 'images', 'base');
  const [name = ''] = await readdir(folder);
  return join(folder, name);
}

test('an image built in Docker, and one of ours read by Docker', async () => {
  await using dockerd = await startDockerd();
  await using ignited = await startIgnited();
  const { folder, run, state } = ignited;
  const env = { DOCKER_HOST: dockerd.host };
  const rootfs = join(folder, 'rootfs.tar');
  await writeFile(rootfs, await tarOf([file('greeting', 'hello', { uid: 7, gid: 8 })]));
  await dockerd.docker('import', '-c', 'CMD ["/greeting"]', rootfs, 'team/built:1');
  const imported = await run(['image', 'import', 'docker://team/built:1'], { env });
  assert.match(imported.stdout, /^[0-9a-f]{16}\n$/, imported.stderr);
  assert.equal(await debugfs(await baseOf(state), 'cat /greeting'), 'hello');
  const command = await run(['image', 'inspect', '--format', '{{.status.config.cmd}}', 'team/built:1']);
  assert.equal(command.stdout, '[/greeting]\n');
  const again = await run(['image', 'import', 'docker://team/built:1'], {
    env: { DOCKER_HOST: 'unix:///no' },
  });
  assert.equal(again.stdout, imported.stdout, 'it is here: Docker is not asked');
  const missing = await run(['image', 'import', 'docker://nothing:1'], { env });
  assert.match(missing.stderr, /Docker does not give nothing:1: .*(No such image|reference does not exist)/i);

  const context = await mkdtemp(join(folder, 'context-'));
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /recipe\nCMD ["/recipe"]\n');
  const built = await run(['build', '--builder', 'docker', '-t', 'team/recipe:1', context], { env });
  assert.equal(built.code, 0, built.stderr);
  const found = await run(['image', 'inspect', '--format', '{{.status.config.cmd}}', 'team/recipe:1']);
  assert.equal(found.stdout, '[/recipe]\n');

  const archive = join(folder, 'out.tar');
  assert.equal((await run(['save', '-o', archive, 'team/built:1'])).code, 0);
  await dockerd.docker('rmi', 'team/built:1');
  assert.match(await dockerd.docker('load', '-i', archive), /Loaded image: team\/built:1/);
});

test('an image of any namespace of containerd', async () => {
  await using containerd = await startContainerd();
  await using ignited = await startIgnited();
  const { folder, run, state } = ignited;
  const env = { CONTAINERD_ADDRESS: containerd.address };
  const name = 'registry.example/team/web:1';
  const archive = join(folder, 'in.tar');
  const built = await buildImage({ layers: [{ entries: [file('who', 'containerd')] }] });
  await writeFile(archive, await ociArchive(built, name));
  await containerd.ctr('--namespace', 'k8s.io', 'images', 'import', archive);
  const imported = await run(['image', 'import', `containerd://k8s.io@${name}`], { env });
  assert.match(imported.stdout, /^[0-9a-f]{16}\n$/, imported.stderr);
  assert.equal(await debugfs(await baseOf(state), 'cat /who'), 'containerd');
  const digest = await run(['image', 'inspect', '--format', '{{.status.digest}}', name]);
  assert.equal(digest.stdout.trim(), built.manifest.digest);
  const other = await run(['pull', `containerd://${name}`], { env });
  assert.equal(other.code, 1);
  assert.match(other.stderr, /containerd does not give registry.example.* in namespace default/);
  const without = await run(['pull', `containerd://${name}`], { env: { ...env, PATH: '/nonexistent' } });
  assert.match(without.stderr, /needs the program ctr[^]*Install the program/);

  const saved = join(folder, 'out.tar');
  assert.equal((await run(['save', '-o', saved, name])).code, 0);
  assert.match(await containerd.ctr('--namespace', 'other', 'images', 'import', saved), /unpacking|saved/);
});
