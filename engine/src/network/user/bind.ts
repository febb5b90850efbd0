// Choosing what a NIC of a user network keeps for its life.
import { IgniteError } from '@ignite/api';
import { macFor } from '../allocate.ts';
import { choosePorts } from '../choose-ports.ts';
import type { BindRequest, TakenNic, UserNic } from '../port.ts';
import { describePort, type Listener } from '../ports.ts';
import { USER_NETWORK } from './addresses.ts';
import { PASST_MTU } from './passt.ts';

/** What a choice depends on in addition to the request. */
export interface UserBindFacts {
  /** passt is installed. */
  readonly hasPasst: boolean;
  /** Sockets of the host; needed for random ports only. */
  readonly listeners: readonly Listener[];
  /** The lowest port that an ordinary user may listen on (ip-sysctl.rst, ip_unprivileged_port_start). */
  readonly firstOpenPort: number;
}

const BUILT_IN_MTU = 1500;

/**
 * The NIC of a VM in a user network of its own.
 * @throws IgniteError `network/port-taken`, `network/port-privileged`, `network/no-user-network`
 */
export function chooseUserNic(
  request: BindRequest,
  taken: readonly TakenNic[],
  facts: UserBindFacts,
): UserNic {
  const hostLoopback = request.hostLoopback ?? false;
  if (!facts.hasPasst && !hostLoopback) throw noPasst();
  const privileged = request.ports.find(({ hostPort }) => hostPort !== 0 && hostPort < facts.firstOpenPort);
  if (privileged !== undefined)
    throw new IgniteError(
      'network/port-privileged',
      `Port ${describePort(privileged)} of the host is for root only; a user network begins at ${facts.firstOpenPort}`,
    );
  const mtu = facts.hasPasst ? PASST_MTU : BUILT_IN_MTU;
  const { name, address, prefixLength, gateway, dns } = USER_NETWORK;
  return {
    mode: 'user',
    network: name,
    backend: facts.hasPasst ? 'passt' : 'qemu',
    hostLoopback,
    mac: request.mac?.toLowerCase() ?? macFor([request.vmUid]),
    address,
    prefixLength,
    gateway,
    dns: [dns],
    mtu: Math.min(request.mtu ?? mtu, mtu),
    ports: choosePorts(request, taken, facts.listeners),
  };
}

/** The error where only QEMU's own user network is there, or nothing. */
export function noPasst(): IgniteError {
  return new IgniteError(
    'network/no-user-network',
    "passt is not installed, and QEMU's own user network would give the guest the services of the host's loopback",
  );
}
