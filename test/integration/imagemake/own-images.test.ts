// What can be known of images/ without Docker Hub: the Dockerfiles are ones, hold what they must, and are described; the wanted
// options of our kernel are read as Kconfig writes them. Needs buildah and musl-gcc.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unmet } from '../../../images/microvm-kernel/config-check.ts';
import { runProgram } from '../../e2e/world/program.ts';

const BASE = 'localhost/nothing:1';
const IMAGES = join(import.meta.dirname, '../../../images');

/** Programs that the base images of the first Ignite held, and a way to talk to the machine; by package. */
const MACHINE = ['curl', 'iproute', 'openssh', 'sudo', 'wget'];
const WITH_SYSTEMD = [...MACHINE, 'dbus', 'iputils', 'kmod', 'net-tools', 'procps', 'systemd', 'udev'];

/** Docker Hub's Debian and Ubuntu start no service of a package and let dpkg trust the disk to lose nothing, as no machine does. */
const APT_AS_ON_A_HOST = ['rm -f /usr/sbin/policy-rc\\.d /etc/dpkg/dpkg\\.cfg\\.d/docker-apt-speedup'];

/** Docker Hub's AlmaLinux masks logind, getty and mounts, which a machine wants. */
const UNMASKED = ['find /etc/systemd/system -type l -lname /dev/null -delete'];

/** Their base images have curl-minimal, which curl would conflict with; Amazon's has no find and xargs. */
const RED_HAT = [...WITH_SYSTEMD.filter((word) => word !== 'curl'), 'findutils'];

const ROWS: Readonly<Record<string, readonly string[]>> = {
  ubuntu: [...WITH_SYSTEMD, ...APT_AS_ON_A_HOST, 'vim-tiny'],
  debian: [...WITH_SYSTEMD, ...APT_AS_ON_A_HOST, 'vim-tiny'],
  almalinux: [...RED_HAT, ...UNMASKED, 'hostname'],
  amazonlinux: [...RED_HAT, 'hostname'],
  alpine: [...MACHINE, 'openrc', 'eudev', 'bash', 'rc-update add sshd', 'ttyS0'],
  k3s: [...WITH_SYSTEMD, ...APT_AS_ON_A_HOST, 'jq', 'get.k3s.io', 'INSTALL_K3S_SKIP_ENABLE', 'k3s.service'],
  kubeadm: [
    ...WITH_SYSTEMD,
    ...APT_AS_ON_A_HOST,
    'jq',
    'gnupg',
    'containerd',
    'kubeadm',
    'kubelet',
    'kubectl',
    'ip_forward',
  ],
};

let folder: string;
let env: Readonly<Record<string, string>>;

async function ok(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(argv, { env });
  assert.equal(code, 0, `${argv.join(' ')}: ${stderr}`);
  return stdout;
}

/** A base on which every step of a Dockerfile succeeds without doing anything: its shell is a program that ends at once. */
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-dockerfiles-'));
  const places = `graphroot = "${folder}/root"\nrunroot = "${folder}/run"\n`;
  await writeFile(join(folder, 'storage.conf'), `[storage]\ndriver = "vfs"\n${places}`);
  env = { CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'), BUILDAH_ISOLATION: 'chroot' };
  await writeFile(join(folder, 'true.c'), 'int main(void) { return 0; }\n');
  await ok('musl-gcc', '-static', '-o', join(folder, 'true'), join(folder, 'true.c'));
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY true /bin/sh\n');
  await ok('buildah', 'build', '--tag', BASE, folder);
});
after(() => rm(folder, { recursive: true, force: true }));

/** The text without comments, lines joined. */
async function readDockerfile(name: string): Promise<string> {
  const text = await readFile(join(IMAGES, name, 'Dockerfile'), 'utf8');
  return text.replaceAll(/^#.*\n/gm, '').replaceAll('\\\n', ' ');
}

for (const [name, wanted] of Object.entries(ROWS)) {
  test(`images/${name}: an init, what the original's held, no password, no keys`, async () => {
    const text = await readDockerfile(name);
    assert.match(text, /^FROM docker\.io\/library\/\w+:\$\{RELEASE\}$/m);
    for (const word of wanted) assert.match(text, new RegExp(word), `${name} lacks ${word}`);
    assert.doesNotMatch(text, /chpasswd|passwd (-d|root)|PermitRootLogin/);
    assert.match(text, /usermod -p '\*' root|root:\*:/);
    assert.match(text, /rm -f \/etc\/ssh\/ssh_host_\*/);
    for (const [, script = ''] of text.matchAll(/^RUN (.+)$/gm)) await ok('sh', '-n', '-c', script);
    const readme = await readFile(join(IMAGES, name, 'README.md'), 'utf8');
    assert.match(readme, /[Nn]o(body has a)?\s+password/);
    assert.match(readme, /ignite exec -it/);
    assert.match(readme, /not\s+been\s+built/);
  });

  test(`images/${name}: buildah goes through every step`, async () => {
    const tag = `${name}:test`;
    await ok('buildah', 'build', '--pull-never', '--from', BASE, '--tag', tag, join(IMAGES, name));
    const format = '{{.OCIv1.Config.Cmd}} {{.OCIv1.Config.StopSignal}}';
    const shown = await ok('buildah', 'inspect', '--type', 'image', '--format', format, tag);
    assert.match(shown, name === 'alpine' ? /^\[\/sbin\/init\] $/ : /^\[\/sbin\/init\] SIGRTMIN\+3$/);
  });
}

test('options of the kernel that did not take effect are named', () => {
  const wanted = '# words\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D="x y"\n';
  assert.deepEqual(unmet(wanted, 'CONFIG_A=y\nCONFIG_B=m\nCONFIG_D="x y"\n'), []);
  assert.deepEqual(unmet(wanted, 'CONFIG_A=m\n# CONFIG_B is not set\nCONFIG_C=y\nCONFIG_D="x y"\n'), [
    'CONFIG_A is m, wanted y',
    'CONFIG_B is n, wanted m',
    'CONFIG_C is y, wanted n',
  ]);
});
