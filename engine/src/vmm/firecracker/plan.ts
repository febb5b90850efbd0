// How a VM under Firecracker is started: the jailer, its words, and what its jail holds. Pure.
import { basename } from 'node:path';
import { IgniteError } from '@ignite/api';
import { VSOCK } from '@ignite/protocol';
import type { LaunchPlan, LaunchRequest, VmmProgram } from '../port.ts';
import {
  drivePath,
  firecrackerConfiguration,
  INITRD_PATH,
  KERNEL_PATH,
  VSOCK_PATH,
} from './configuration.ts';
import { parseVersion } from './versions.ts';

const CONFIGURATION_PATH = '/firecracker.json';
const METADATA_PATH = '/metadata.json';
const API_PATH = '/run/api.sock';
const LOG_PATH = '/run/log';
const METRICS_PATH = '/run/metrics';
/** The jailer names a folder after the id: letters, digits, hyphen. The PID namespace is the VM's, so one id serves all. */
const ID = 'vm';
/**
 * Drives, taps, vsock connections. The jailer's own default is 2048, which it could not set in a container of containerd's:
 * there 1024 is the most, and only who may change limits may raise it (setrlimit(2)).
 */
const OPEN_FILES = 1024;
/** It makes nodes of these in the jail, where Firecracker opens them (docs/jailer.md). */
const JAILERS_DEVICES = ['/dev/kvm', '/dev/net/tun', '/dev/urandom'];
/**
 * Where the guest's memory lies at a multiple of 2 MiB, the host maps it to the guest in large pages, and a boot needs a
 * fraction of the page faults. Linux before 6.7 puts it right below what was mapped before: the program, which is at such a
 * multiple, and the stack of the thread that serves the API, 2 MiB and three pages (Rust's own and musl's). Firecracker reads
 * its configuration whole before that and lets it go after: three pages less than 2 MiB of it fill up to the next multiple.
 * The last 64 bytes are musl's. It is so in most starts, not in all: small mappings of the heap lie in the gap above the
 * program, and below it where chance made that too small. Nothing else depends on it.
 */
const CONFIGURATION_BYTES = (2 << 20) - 3 * 4096 - 64;
/** The jailer copies the program into the jail: some MiB, with its debug symbols up to ten. */
const JAIL_MEBIBYTES = 48;

/**
 * What ignite-spawn must execute.
 * @throws IgniteError `vmm/lacks-capability` without a jail, which only root can make
 */
export function firecrackerPlan(program: VmmProgram, request: LaunchRequest): LaunchPlan {
  const { jail } = request;
  const version = parseVersion(`v${program.version}`);
  if (jail === undefined || program.jailer === undefined || version === undefined)
    throw new IgniteError('vmm/lacks-capability', 'firecracker runs under its jailer only, which needs root');
  const words = [
    '--id',
    ID,
    '--exec-file',
    program.binary,
    '--uid',
    String(jail.uid),
    '--gid',
    String(jail.uid),
  ];
  const place = ['--chroot-base-dir', jail.root, '--resource-limit', `no-file=${OPEN_FILES}`];
  const own = ['--api-sock', API_PATH, '--config-file', CONFIGURATION_PATH];
  const log = ['--log-path', LOG_PATH, '--level', 'Error', '--show-level', '--metrics-path', METRICS_PATH];
  const content = JSON.stringify(firecrackerConfiguration(request, version));
  const told = request.nics.length === 0 ? undefined : request.metadata;
  const metadata = told === undefined ? [] : ['--metadata', METADATA_PATH];
  return {
    argv: [program.jailer, ...words, ...place, '--', ...own, ...metadata, ...log],
    env: {},
    descriptors: [{ fd: 0, kind: 'console' }],
    jail: {
      root: jail.root,
      jailer: `/${basename(program.binary)}/${ID}/root`,
      uses: [program.jailer, program.binary, ...JAILERS_DEVICES],
      mebibytes: JAIL_MEBIBYTES,
      binds: [
        { writable: false, source: request.kernel.vmlinux, target: KERNEL_PATH },
        { writable: false, source: request.initrd, target: INITRD_PATH },
        ...request.drives.map(({ index, path, readOnly }) => ({
          writable: !readOnly,
          source: path,
          target: drivePath(index),
        })),
      ],
      files: [
        { target: CONFIGURATION_PATH, content },
        ...(told === undefined ? [] : [{ target: METADATA_PATH, content: JSON.stringify(told) }]),
      ],
      fileBytes: CONFIGURATION_BYTES,
      doors: {
        facts: `${VSOCK_PATH}_${VSOCK.FACTS}`,
        link: `${VSOCK_PATH}_${VSOCK.LINK}`,
        vmm: API_PATH,
        log: LOG_PATH,
        metrics: METRICS_PATH,
      },
    },
  };
}
