// Rules for networks and ports, which the original did not check.
import type { VmSpecInput } from '../kinds/vm-spec.ts';
import { LIMITS } from '../limits.ts';
import { formatPort, portsCollide } from '../ports.ts';
import type { Violation } from './violation.ts';

export function validateNetwork(spec: VmSpecInput): Violation[] {
  const ports = (spec.network?.ports ?? []).map((port) => ({
    ...port,
    hostPort: port.hostPort ?? 0,
    protocol: port.protocol ?? ('tcp' as const),
  }));
  const path = 'spec.network.ports';
  if (spec.network?.mode === 'none' && ports.length > 0)
    return [{ path, message: 'need a network; the mode is none' }];
  if (spec.network?.name !== undefined && (spec.network.mode ?? 'cni') !== 'cni')
    return [{ path: 'spec.network.name', message: `is for the mode cni, not ${spec.network.mode}` }];
  if (spec.network?.hostLoopback === true && (spec.network.mode ?? 'user') !== 'user')
    return [{ path: 'spec.network.hostLoopback', message: `is for the mode user, not ${spec.network.mode}` }];
  if (ports.length > LIMITS.ports) return [{ path, message: `are more than ${LIMITS.ports}` }];
  return ports.flatMap((port, index) => {
    const other = ports.findIndex((earlier, at) => at < index && portsCollide(earlier, port));
    return other < 0
      ? []
      : [{ path: `${path}[${index}]`, message: `(${formatPort(port)}) takes the host port of [${other}]` }];
  });
}
