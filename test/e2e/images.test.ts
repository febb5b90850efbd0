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
const DOCKERFILE = `FROM scratch AS base
ARG WORD=nothing
COPY busybox /busybox
RUN ["/busybox", "sh", "-c", "echo $WORD > /said"]
FROM base
CMD ["/busybox", "cat", "/said"]
`;

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

  test('an image of umoci, from its layout, and what skopeo makes of it in Docker’s format', async () => {
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
    await igniteOk(['load', layout, '--reference', 'e2e/umoci:1']);
    await says('e2e/umoci:1');

    const target = `docker://${image('skopeo')}`;
    const copy = ['skopeo', 'copy', '--insecure-policy', '--format', 'v2s2', '--dest-tls-verify=false'];
    await ok([...copy, `oci:${reference}`, target]);
    const format = await ok(['skopeo', 'inspect', '--raw', '--tls-verify=false', target]);
    assert.match(format, /vnd\.docker\.distribution\.manifest\.v2\+json/);
    await says(image('skopeo'));
  });

  test('an image that buildah builds from a Dockerfile', async () => {
    const folder = await mkdtemp(join(place().scratch, 'buildah-'));
    await copyFile(BUSYBOX, join(folder, 'busybox'));
    await writeFile(join(folder, 'Dockerfile'), DOCKERFILE);
    // its own storage; no container runtime is needed for steps that only change their root
    const storage = join(folder, 'storage.conf');
    const [root, run] = [join(folder, 'root'), join(folder, 'run')];
    await writeFile(
      storage,
      `[storage]\ndriver = "vfs"\ngraphroot = ${JSON.stringify(root)}\nrunroot = ${JSON.stringify(run)}\n`,
    );
    const env = { CONTAINERS_STORAGE_CONF: storage, BUILDAH_ISOLATION: 'chroot' };
    const words = ['build', '--builder', 'buildah', '-t', 'e2e/built:1', '-t', 'e2e/built:latest'];
    const { code, stdout, stderr } = await ignite([...words, '--build-arg', 'WORD=hello', folder], { env });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^[0-9a-f]{16}\n$/);
    assert.match(stderr, /STEP 4\/4: RUN/, 'what the builder says is shown');
    await says('e2e/built:latest');
  });

  test('an image of Docker, taken over by run', async () => {
    await using dockerd = await startDockerd();
    const folder = await mkdtemp(join(place().scratch, 'docker-'));
    const rootfs = join(folder, 'rootfs.tar');
    await writeFile(rootfs, await tarOf([file('busybox', await readFile(BUSYBOX), { mode: 0o755 })]));
    await dockerd.docker('import', '-c', `CMD ${JSON.stringify(SAY)}`, rootfs, 'e2e/docker:1');
    await says('docker://e2e/docker:1', { env: { DOCKER_HOST: dockerd.host } });
  });

  test('RMI-01, RMI-03: rmi -f takes the VMs along, and names each', async () => {
    const name = vmName({ after }, 'used');
    await igniteOk(['image', 'import', image('busybox')]);
    await igniteOk(['tag', image('busybox'), 'e2e/used:1']);
    await igniteOk(['create', '--name', name, 'e2e/used:1']);
    const refused = await ignite(['rmi', 'e2e/used:1']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, new RegExp(`in use by the VM ${name}`));
    const { code, stderr } = await ignite(['rmi', '-f', 'e2e/used:1']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`Removed VM with name "${name}"`));
  });
});
