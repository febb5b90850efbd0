// QEMU's own view of files (DESIGN D9, D14): its programs and this VM's files, under the same names in every VM.
import type { LaunchJail } from '../../supervisor/port.ts';
import type { LaunchDrive, LaunchPlan, LaunchRequest, VmmProgram } from '../port.ts';

type Bind = LaunchJail['binds'][number];

/** The request with the names inside the jail, and the jail; both unchanged and absent where none is asked for. */
export function qemuJail(
  program: VmmProgram,
  request: LaunchRequest,
): Pick<LaunchPlan, 'jail'> & { readonly request: LaunchRequest } {
  if (request.jail === undefined) return { request };
  const binds: Bind[] = [
    ...program.runtime.map((path) => ({ writable: false, ...path })),
    { writable: false, source: request.kernel.vmlinux, target: '/kernel' },
    { writable: false, source: request.initrd, target: '/initrd' },
    ...request.drives.flatMap(driveBinds),
  ];
  const kvm = request.accelerator === 'kvm' ? ['/dev/kvm'] : [];
  return {
    request: {
      ...request,
      kernel: { ...request.kernel, vmlinux: '/kernel' },
      initrd: '/initrd',
      drives: request.drives.map(jailedDrive),
    },
    jail: { root: request.jail.root, binds, devices: ['/dev/null', '/dev/urandom', ...kvm] },
  };
}

function jailedDrive(drive: LaunchDrive): LaunchDrive {
  const path = `/disks/${drive.index}`;
  return { ...drive, path, ...(drive.backing === undefined ? {} : { backing: `${path}-base` }) };
}

function driveBinds(drive: LaunchDrive): Bind[] {
  const { path, backing } = jailedDrive(drive);
  return [
    { writable: !drive.readOnly, source: drive.path, target: path },
    ...(drive.backing === undefined || backing === undefined
      ? []
      : [{ writable: false, source: drive.backing, target: backing }]),
  ];
}
