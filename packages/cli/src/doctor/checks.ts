// What doctor checks, in the order it is shown. Each says what to type where something is missing.
import { displaySize } from '@ignite/api/sizes';
import { VERSION } from '@ignite/protocol';
import { type Check, failed, type Finding, ok, warning } from './check.ts';
import type { DoctorHost } from './host.ts';

const GIB = 1 << 30;
const SYSTEM_SOCKET = '/run/ignite/ignited.sock';

/** Every check but those of single ports. */
export const checks: readonly Check[] = [
  { name: 'node', look: checkNode },
  { name: 'kernel', look: checkKernel },
  { name: 'qemu', look: checkQemu },
  { name: 'kvm', look: checkKvm },
  program('qemu-img', ['qemu-img'], 'qemu-utils', 'makes disks'),
  forBridge(program('nft', ['nft'], 'nftables', 'makes the rules of the network')),
  program('ip', ['ip'], 'iproute2', 'makes the network'),
  program('mkfs', ['mkfs.ext4'], 'e2fsprogs', 'makes root disks of images'),
  forBridge({ name: 'tun', look: checkTun }),
  { name: 'passt', look: checkPasst },
  { name: 'cgroup', look: checkCgroup },
  { name: 'disk', look: checkDisk },
  { name: 'programs', look: checkOwnPrograms },
  { name: 'root', look: checkRoot },
];

/** Whether a TCP port is free, for `-p`. */
export function portCheck(port: number): Check {
  return {
    name: `port ${port}`,
    async look(host) {
      const error = await host.portError(port);
      if (error === undefined) return ok('free');
      if (error === 'EACCES')
        return warning('only root may listen on it', 'sudo ignite …, or publish another port');
      return failed('taken by another program', `ss -ltnp 'sport = :${port}'   # shows by whom`);
    },
  };
}

function install(packages: string): string {
  return `sudo apt-get install -y ${packages}`;
}

function program(name: string, candidates: readonly string[], debian: string, purpose: string): Check {
  return {
    name,
    look(host) {
      const path = candidates.map((one) => host.findProgram(one)).find((found) => found !== undefined);
      return path === undefined
        ? failed(`${name} ${purpose} and is not installed`, install(debian))
        : ok(path);
    },
  };
}

function checkNode(host: DoctorHost): Finding {
  const major = Number(host.nodeVersion.split('.')[0]);
  if (major >= 24) return ok(`Node ${host.nodeVersion}`);
  return failed(
    `Node ${host.nodeVersion} is too old; 24 is needed`,
    'make   # in the folder of Ignite: brings its own Node',
  );
}

function checkKernel(host: DoctorHost): Finding {
  const [major = 0, minor = 0] = host.kernelRelease.split('.').map(Number);
  const text = `Linux ${host.kernelRelease}, ${host.arch === 'x64' ? 'x86_64' : host.arch}`;
  if (host.arch !== 'x64' && host.arch !== 'arm64')
    return failed(`${text}: VMs need x86_64 or arm64`, 'Use another machine');
  if (major > 5 || (major === 5 && minor >= 4)) return ok(text);
  return failed(`${text} is too old; 5.4 is needed`, 'sudo apt-get dist-upgrade && sudo reboot');
}

async function checkQemu(host: DoctorHost): Promise<Finding> {
  const x86 = host.arch === 'x64';
  const name = x86 ? 'qemu-system-x86_64' : 'qemu-system-aarch64';
  const path = host.findProgram(name);
  const mend = install(x86 ? 'qemu-system-x86' : 'qemu-system-arm');
  const other = ['firecracker', 'cloud-hypervisor'].find((one) => host.findProgram(one) !== undefined);
  if (path === undefined && other !== undefined && host.uid === 0 && host.openError('/dev/kvm') === undefined)
    return warning(`${name} is not installed: ${other} runs the VMs, as far as KVM works`, mend);
  if (path === undefined) return failed(`${name} runs the VMs and is not installed`, mend);
  const text = await host.output([path, '--version']);
  const version = /version (\d+)\.(\d+)\S*/.exec(text ?? '');
  if (version === null) return failed(`${path} does not tell its version`, `${path} --version   # shows why`);
  if (Number(version[1]) >= 6) return ok(`${path}, ${version[0]}`);
  return failed(
    `${path}, ${version[0]}, is too old; 6.0 is needed`,
    'Use a newer release of the distribution',
  );
}

/** Opening shows whether we may use it; whether it really runs guests is found out by the daemon's probe, kept for this boot. */
function checkKvm(host: DoctorHost): Finding {
  const error = host.exists('/dev/kvm') ? host.openError('/dev/kvm') : 'ENOENT';
  if (error === 'EACCES' || error === 'EPERM')
    return warning(
      '/dev/kvm is not yours to use: VMs of your own daemon are emulated, which is slow',
      'sudo usermod -aG kvm "$USER"   # then log in again',
    );
  if (error !== undefined) {
    const vendor = /\b(vmx|svm)\b/.test(host.readText('/proc/cpuinfo') ?? '');
    return vendor
      ? warning(
          'there is no /dev/kvm, though the processor has it: VMs are emulated, which is slow',
          'sudo modprobe kvm_intel || sudo modprobe kvm_amd',
        )
      : warning(
          'there is no /dev/kvm: VMs are emulated, which is slow',
          "Turn on virtualisation in the firmware, or nested virtualisation in this VM's host",
        );
  }
  const verdict = probedKvm(host);
  if (verdict === false)
    return warning(
      '/dev/kvm opens but runs no guest: VMs are emulated, which is slow',
      "Turn on nested virtualisation in this machine's host",
    );
  return ok(
    verdict === true
      ? '/dev/kvm runs guests'
      : '/dev/kvm opens; the first start of a VM tells whether it runs guests',
  );
}

/** The daemon's verdict in host.json, if it is of this boot. Read loosely: it is another program's file. */
function probedKvm(host: DoctorHost): boolean | undefined {
  const boot = host.readText('/proc/sys/kernel/random/boot_id')?.trim();
  const known = readJson(host.readText('/run/ignite/host.json'));
  if (known['bootId'] !== boot) return undefined;
  const { kvm } = known;
  return typeof kvm === 'object' && kvm !== null && 'trusted' in kvm ? kvm.trusted === true : undefined;
}

function readJson(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function checkTun(host: DoctorHost): Finding {
  if (!host.exists('/dev/net/tun'))
    return failed('there is no /dev/net/tun, which VMs are connected by', 'sudo modprobe tun');
  const error = host.openError('/dev/net/tun');
  if (error === undefined) return ok('/dev/net/tun');
  if (error === 'EACCES' || error === 'EPERM')
    return host.uid === 0
      ? failed(
          '/dev/net/tun may not be opened, even by root',
          'Give this container the device /dev/net/tun and NET_ADMIN',
        )
      : warning(
          '/dev/net/tun is not yours to use',
          "sudo chmod 0666 /dev/net/tun   # the distribution's default",
        );
  return failed(`/dev/net/tun does not open (${error})`, 'sudo modprobe tun');
}

/** What only the bridge needs is nothing to an ordinary user whom the host's daemon does not serve. */
function forBridge(check: Check): Check {
  const look: Check['look'] = (host) =>
    hasOwnDaemon(host) ? ok('not needed: only the network bridge uses it') : check.look(host);
  return { name: check.name, look };
}

function hasOwnDaemon(host: DoctorHost): boolean {
  const error = host.uid === 0 ? undefined : host.openError(SYSTEM_SOCKET);
  return error === 'ENOENT' || error === 'EACCES';
}

/** passt makes user and mount namespaces of its own, user_namespaces(7). */
function checkPasst(host: DoctorHost): Finding {
  const path = host.findProgram('passt');
  const needed = hasOwnDaemon(host);
  if (path === undefined)
    return needed
      ? warning('passt is not installed: VMs of your own daemon have no network', install('passt'))
      : ok('not installed; only `--network user` needs it');
  const closed = ['/proc/sys/kernel/unprivileged_userns_clone', '/proc/sys/user/max_user_namespaces'].find(
    (file) => host.readText(file)?.trim() === '0',
  );
  if (closed !== undefined && needed)
    return warning(
      `${closed} is 0: passt cannot make its namespaces, and VMs of your own daemon have no network`,
      `sudo sysctl ${closed.slice('/proc/sys/'.length).replaceAll('/', '.')}=${closed.endsWith('clone') ? 1 : 10_000}`,
    );
  return ok(path);
}

function checkCgroup(host: DoctorHost): Finding {
  const controllers = host.readText('/sys/fs/cgroup/cgroup.controllers');
  if (controllers?.split(/\s+/).includes('memory')) return ok('cgroup v2');
  if (host.exists('/sys/fs/cgroup/memory')) return ok('cgroup v1');
  if (controllers !== undefined || host.exists('/sys/fs/cgroup/unified'))
    return ok('cgroup v2 without the memory controller');
  return warning(
    'no cgroups are mounted: VMs are not limited',
    'sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup',
  );
}

function checkDisk(host: DoctorHost): Finding {
  const home = host.env['HOME'] ?? '/';
  const own = host.env['XDG_STATE_HOME'] ?? `${home}/.local/state`;
  const folder = host.env['IGNITE_STATE_DIR'] ?? (host.uid === 0 ? '/var/lib/ignite' : `${own}/ignite`);
  const free = host.freeBytes(folder);
  if (free === undefined) return warning(`the free space of ${folder} cannot be read`, `df -h ${folder}`);
  const text = `${displaySize(free)} free for ${folder}`;
  if (free >= 4 * GIB) return ok(text);
  const mend = 'ignite images; ignite rmi IMAGE   # removes what is not needed';
  return free < GIB ? failed(`only ${text}`, mend) : warning(`only ${text}`, mend);
}

/** A build that is older than the daemon still starts VMs, while the daemon's programs start the slow way. */
async function checkOwnPrograms(host: DoctorHost): Promise<Finding> {
  const missing = ['ignite-spawn', 'ignite-init'].filter((name) => ownProgram(host, name) === undefined);
  const spawn = ownProgram(host, 'ignite-spawn');
  if (spawn !== undefined && missing.length === 0) {
    const said = await host.output([spawn, '--version']);
    if (said?.trim().endsWith(`runner ${VERSION.RUNNER}`))
      return ok('ignite-spawn and ignite-init are there');
    return warning(
      `${spawn} is of another version than ignite: VMs start slower`,
      'make install   # or make native, in the folder of Ignite; then restart the daemon',
    );
  }
  return failed(
    `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not built`,
    'make   # in the folder of Ignite',
  );
}

const OWN_PLACES = [
  'native', // next to the bundled program, where the daemon looks first
  'libexec',
  'lib/ignite',
  'libexec/ignite',
  'lib/ignite/libexec',
  'build',
  'build/native',
  'dist',
  'dist/native',
];

function ownProgram(host: DoctorHost, name: string): string | undefined {
  const short = name.slice('ignite-'.length);
  const places = [...OWN_PLACES, `native/${short}/build`, `native/${short}`, `native/build`];
  return host.ownFolders
    .flatMap((folder) => places.map((place) => `${folder}/${place}/${name}`))
    .find((path) => host.exists(path));
}

function checkRoot(host: DoctorHost): Finding {
  if (host.uid === 0) return ok('root: VMs get networks and users of their own');
  const error = host.openError(SYSTEM_SOCKET);
  if (error === 'EACCES')
    return warning(
      "the host's daemon does not serve you; a daemon of your own does, with user networks",
      'ignited --background &   # or, as good as root: sudo usermod -aG ignite "$USER"',
    );
  if (host.exists(SYSTEM_SOCKET)) return ok("the host's daemon serves you");
  return ok(
    'you are not root: VMs of a daemon of your own have user networks; `sudo ignite` gives the bridge',
  );
}
