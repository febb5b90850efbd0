// The lab's base: a Debian root file system, its kernel and an initrd, made once from the distribution's packages and
// kept in build/lab. Needs root, apt, mmdebstrap and e2fsprogs.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runProgram } from '../e2e/world/program.ts';

/** Where the base and the results of runs are kept. */
export const LAB_FOLDER = resolve(import.meta.dirname, '../../build/lab');
const MAKE_MS = 60 * 60_000;
const ROOT_SIZE = '3G';

/** What runs in the lab: systemd, KVM, and what Ignite and its tests need. */
const PACKAGES = [
  ...['linux-image-amd64', 'systemd-sysv', 'udev', 'kmod', 'busybox-static', 'procps', 'util-linux'],
  ...[
    'qemu-system-x86',
    'qemu-utils',
    'iproute2',
    'nftables',
    'xz-utils',
    'ca-certificates',
    'openssh-client',
  ],
  ...['e2fsprogs', 'xfsprogs', 'btrfs-progs', 'dmsetup'],
  ...['docker.io', 'containerd', 'iptables', 'apparmor'], // Docker only recommends the last, and starts nothing without
] as const;

/** Only the test that wants them starts them. */
const CONTAINER_UNITS = ['docker.service', 'docker.socket', 'containerd.service'] as const;

/** Modules the initrd needs to find and mount its root; the rest comes from there. */
const BOOT_MODULES = ['virtio_pci', 'virtio_blk', 'ext4'] as const;

const INIT = `#!/bin/busybox sh
/bin/busybox mount -t devtmpfs none /dev
for module in $(/bin/busybox cat /order); do /bin/busybox insmod "/modules/$module"; done
until [ -b /dev/vda ]; do /bin/busybox usleep 10000; done
/bin/busybox mount -t ext4 /dev/vda /root
exec /bin/busybox switch_root /root /sbin/init
`;

/** Runs what the payload drive brings; its output and its results leave by virtio-serial. */
const UNIT = `[Unit]
Description=Run the payload

[Service]
Type=oneshot
Delegate=yes
ExecStart=/bin/sh /lab
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
`;

const SCRIPT = `until [ -e /dev/virtio-ports/lab.output ] && [ -e /dev/virtio-ports/lab.status ]; do sleep 0.1; done
exec > /dev/virtio-ports/lab.output 2>&1
mkdir -p /payload && mount /dev/vdb /payload && /payload/run
echo "$?" > /dev/virtio-ports/lab.status
mkdir -p /payload/results && journalctl -b --no-pager > /payload/results/journal.log
sync
systemctl --no-block poweroff
`;

export interface Base {
  readonly root: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** The base, made on first use. */
export async function labBase(): Promise<Base> {
  const digest = createHash('sha256')
    .update(JSON.stringify([PACKAGES, CONTAINER_UNITS, BOOT_MODULES, INIT, UNIT, SCRIPT]))
    .digest('hex');
  const folder = join(LAB_FOLDER, `base-${digest.slice(0, 16)}`);
  if (!existsSync(folder)) await make(folder);
  return {
    root: join(folder, 'root.ext4'),
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd'),
  };
}

async function make(folder: string): Promise<void> {
  await mkdir(LAB_FOLDER, { recursive: true });
  const scratch = await mkdtemp(join(LAB_FOLDER, 'make-'));
  try {
    const root = join(scratch, 'root');
    const made = join(scratch, 'made');
    await mkdir(made);
    await bootstrap(root, scratch);
    await arrange(root);
    await makeInitrd(root, made, scratch);
    await must(['mkfs.ext4', '-q', '-F', '-d', root, join(made, 'root.ext4'), ROOT_SIZE]);
    await rename(made, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function bootstrap(root: string, scratch: string): Promise<void> {
  const words = ['--mode=root', '--variant=minbase', '--format=directory', `--include=${PACKAGES.join(',')}`];
  const lean = [
    '--dpkgopt=path-exclude=/usr/share/{doc,man,locale}/*',
    '--aptopt=Apt::Install-Recommends false',
  ];
  const { VERSION_CODENAME = 'bookworm' } = Object.fromEntries(
    (await readFile('/etc/os-release', 'utf8')).split('\n').map((line) => line.split('=')),
  );
  await must(['mmdebstrap', ...words, ...lean, VERSION_CODENAME, root], { TMPDIR: scratch });
}

async function arrange(root: string): Promise<void> {
  await writeFile(join(root, 'etc/systemd/system/lab.service'), UNIT);
  await writeFile(join(root, 'lab'), SCRIPT);
  await must(['systemctl', `--root=${root}`, 'enable', 'lab.service']);
  await must([
    'systemctl',
    `--root=${root}`,
    'mask',
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'dpkg-db-backup.timer',
    'e2scrub_reap.service',
    'nftables.service',
    'fstrim.timer',
  ]);
  await must(['systemctl', `--root=${root}`, 'disable', ...CONTAINER_UNITS]);
  await writeFile(
    join(root, 'etc/modules-load.d/lab.conf'),
    'kvm_amd\nkvm_intel\nvirtio_console\nloop\ntun\ndm_snapshot\n',
  );
  await writeFile(join(root, 'etc/hostname'), 'lab\n');
  await writeFile(join(root, 'etc/fstab'), '');
}

async function makeInitrd(root: string, made: string, scratch: string): Promise<void> {
  const [release = ''] = await readdir(join(root, 'lib/modules'));
  const initrd = join(scratch, 'initrd');
  for (const name of ['bin', 'dev', 'root', 'modules']) await mkdir(join(initrd, name), { recursive: true });
  await cp(join(root, 'bin/busybox'), join(initrd, 'bin/busybox'));
  await writeFile(join(initrd, 'init'), INIT, { mode: 0o755 });
  const order: string[] = [];
  for (const module of BOOT_MODULES) {
    const { stdout } = await must(['modprobe', '-d', root, '-S', release, '--show-depends', module]);
    for (const [, path = ''] of stdout.matchAll(/^insmod (\S+)/gm)) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (order.includes(name)) continue;
      await cp(path, join(initrd, 'modules', name));
      order.push(name);
    }
  }
  await writeFile(join(initrd, 'order'), `${order.join(' ')}\n`);
  await must(['sh', '-c', `cd '${initrd}' && find . | cpio -o -H newc --quiet > '${join(made, 'initrd')}'`]);
  await cp(join(root, `boot/vmlinuz-${release}`), join(made, 'vmlinuz'));
  await rm(join(root, 'boot'), { recursive: true });
}

async function must(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const ended = await runProgram(argv, { timeoutMs: MAKE_MS, env });
  if (ended.code !== 0) throw new Error(`${argv.join(' ')} failed:\n${ended.stdout}${ended.stderr}`);
  return ended;
}
