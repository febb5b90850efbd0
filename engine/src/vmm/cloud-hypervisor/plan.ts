// How a VM under Cloud Hypervisor is started: its words, its descriptors, and what its jail holds. Pure.
import { IgniteError } from '@ignite/api';
import { VSOCK } from '@ignite/protocol';
import type { LaunchDescriptor, LaunchJail } from '../../supervisor/port.ts';
import type { LaunchNic, LaunchPlan, LaunchRequest, VmmProgram } from '../port.ts';
import {
  API_PATH,
  cloudHypervisorWords,
  drivePath,
  FIRST_NIC_FD,
  INITRD_PATH,
  KERNEL_PATH,
  VSOCK_PATH,
} from './words.ts';

/**
 * What ignite-spawn must execute.
 * @throws IgniteError `vmm/lacks-capability` without a jail, which only root can make: its sockets lie there
 */
export function cloudHypervisorPlan(program: VmmProgram, request: LaunchRequest): LaunchPlan {
  const { jail } = request;
  if (jail === undefined)
    throw new IgniteError('vmm/lacks-capability', 'cloud-hypervisor runs in a jail only, which needs root');
  return {
    argv: [program.binary, ...cloudHypervisorWords(request, program)],
    env: {},
    // It takes input from a terminal only.
    descriptors: [{ fd: 0, kind: 'terminal' }, ...request.nics.flatMap(nicDescriptor)],
    jail: jailOf(program, request, jail.root),
  };
}

function nicDescriptor(nic: LaunchNic, index: number): LaunchDescriptor[] {
  if (nic.kind !== 'tap') return []; // the choice has passed over this driver, or refused it
  const { tap, netns } = nic;
  return [{ fd: FIRST_NIC_FD + index, kind: 'tap', tap, ...(netns === undefined ? {} : { netns }) }];
}

function jailOf(program: VmmProgram, request: LaunchRequest, root: string): LaunchJail {
  return {
    root,
    binds: [
      ...program.runtime.map((path) => ({ writable: false, ...path })),
      { writable: false, source: request.kernel.vmlinux, target: KERNEL_PATH },
      { writable: false, source: request.initrd, target: INITRD_PATH },
      ...request.drives.map(({ index, path, readOnly }) => ({
        writable: !readOnly,
        source: path,
        target: drivePath(index),
      })),
    ],
    devices: ['/dev/null', '/dev/urandom', '/dev/kvm'],
    doors: {
      facts: `${VSOCK_PATH}_${VSOCK.FACTS}`,
      link: `${VSOCK_PATH}_${VSOCK.LINK}`,
      vmm: API_PATH,
    },
  };
}
