// Images as other programs make them boot, and the smallest there can be: one static binary and nothing else.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { startDockerd } from '../containers/index.ts';
import { buildImage, file, pushImage, tarOf } from '../images/index.ts';
import { ignite, igniteOk, image, place, registry, runProgram, vmName } from './world/index.ts';

const BUSYBOX = '/bin/busybox';
const SAY = ['/busybox', 'echo', 'hello'];

async function ok(argv: readonly string[]): Promise<string> {
  const { code, stderr, stdout } = await runProgram(argv);
  assert.equal(code, 0, `${argv.join(' ')}: ${stderr}`);
  return stdout;
}

/** Runs the image's own command in a VM that is gone afterwards. */
async function says(reference: string, more: Parameters<typeof ignite>[1] = {}): Promise<void> {
  const name = vmName({ after }, 'image');
  const { code, stderr, stdout } = await ignite(['run', '--rm', '--name', name, reference], more);
  assert.deepEqual([code, stdout], [0, 'hello\n'], stderr);
}

suite('images', () => {
  test('one static binary, no folder and no /etc', async () => {
    const layer = { entries: [file('busybox', await readFile(BUSYBOX), { mode: 0o755 })] };
    const built = await buildImage({ layers: [layer], config: { Cmd: SAY } });
    await pushImage(`http://${registry()}`, 'smallest', '1', built);
    await says(image('smallest'));
  });

  test('a root file system, imported from stdin', async () => {
    const tar = await tarOf([file('busybox', await readFile(BUSYBOX), { mode: 0o755 })]);
    await igniteOk(['import', '-', 'e2e/rootfs:1', '-c', `CMD ${JSON.stringify(SAY)}`], { stdin: tar });
    await says('e2e/rootfs:1');
  });

  test('an image of umoci, copied by skopeo', async () => {
    const folder = await mkdtemp(join(place().scratch, 'umoci-'));
    const layout = join(folder, 'layout');
    const reference = `${layout}:it`;
    const bundle = join(folder, 'bundle');
    await ok(['umoci', 'init', '--layout', layout]);
    await ok(['umoci', 'new', '--image', reference]);
    await ok(['umoci', 'unpack', '--image', reference, bundle]);
    await mkdir(join(bundle, 'rootfs'), { recursive: true });
    await copyFile(BUSYBOX, join(bundle, 'rootfs/busybox'));
    await ok(['umoci', 'repack', '--image', reference, bundle]);
    const words = SAY.flatMap((word) => ['--config.cmd', word]);
    await ok(['umoci', 'config', '--image', reference, ...words]);
    const target = `docker://${image('umoci')}`;
    await ok(['skopeo', 'copy', '--insecure-policy', '--dest-tls-verify=false', `oci:${reference}`, target]);
    await says(image('umoci'));
  });

  test('an image of buildah, in an archive', async () => {
    const folder = await mkdtemp(join(place().scratch, 'buildah-'));
    const buildah = ['buildah', '--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
    const run = (...argv: readonly string[]) => ok([...buildah, '--storage-driver', 'vfs', ...argv]);
    const container = (await run('from', 'scratch')).trim();
    await run('copy', container, BUSYBOX, '/busybox');
    await run('config', '--cmd', JSON.stringify(SAY), container);
    await run('commit', '--rm', '--disable-compression=false', container, 'e2e/buildah:1');
    const archive = join(folder, 'image.tar');
    await run('push', 'e2e/buildah:1', `docker-archive:${archive}:e2e/buildah:1`);
    await igniteOk(['load', '-i', archive]);
    await says('e2e/buildah:1');
  });

  test('an image of Docker, taken over by run', async () => {
    await using dockerd = await startDockerd();
    const folder = await mkdtemp(join(place().scratch, 'docker-'));
    const rootfs = join(folder, 'rootfs.tar');
    await writeFile(rootfs, await tarOf([file('busybox', await readFile(BUSYBOX), { mode: 0o755 })]));
    await dockerd.docker('import', '-c', `CMD ${JSON.stringify(SAY)}`, rootfs, 'e2e/docker:1');
    await says('docker://e2e/docker:1', { env: { DOCKER_HOST: dockerd.host } });
  });

  test('rmi -f takes the VMs along, and names each', async () => {
    const name = vmName({ after }, 'used');
    await igniteOk(['image', 'import', image('busybox')]);
    await igniteOk(['tag', image('busybox'), 'e2e/used:1']);
    await igniteOk(['create', '--name', name, 'e2e/used:1']);
    const refused = await ignite(['rmi', 'e2e/used:1']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, new RegExp(`in use by ${name}`));
    const { code, stderr } = await ignite(['rmi', '-f', 'e2e/used:1']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`Removed VM with name "${name}"`));
  });
});
