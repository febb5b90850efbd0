// Rules for the network of a VM: what its modes can do, fixed addresses, further NICs, published ports and policy.
import { isIpv4, isIpv4Range } from '../addresses.ts';
import type { NetworkPolicy, VmSpecInput } from '../kinds/vm-spec.ts';
import { LIMITS } from '../limits.ts';
import { DEFAULT_NETWORK_NAMES, isMac, isNetworkName } from '../names/networks.ts';
import { formatPort, portsCollide } from '../ports.ts';
import { displaySize } from '../sizes.ts';
import type { Violation } from './violation.ts';

type Network = NonNullable<VmSpecInput['network']>;
type Nic = Pick<Network, 'name' | 'ip' | 'mac' | 'bandwidth'>;

/** What is wrong with `spec.network`. */
export function validateNetwork({ network = {} }: VmSpecInput): Violation[] {
  const further = network.interfaces ?? [];
  const at = (index: number) => `spec.network.interfaces[${index}]`;
  return [
    ...validateMode(network),
    ...validateNic('spec.network', network),
    ...(further.length >= LIMITS.nics
      ? [{ path: 'spec.network.interfaces', message: `are more than ${LIMITS.nics - 1}` }]
      : further.flatMap((nic, index) => validateNic(at(index), nic))),
    ...validateTwice('spec.network', network, further),
    ...validatePorts(network),
    ...validatePolicy(network.policy ?? {}),
  ];
}

/** Fields that only the bridge has. A mode that is absent is the daemon's, which says no itself. */
function validateMode(network: Network): Violation[] {
  const { mode, hostLoopback } = network;
  const wanted = mode ?? 'bridge';
  const named = network.name !== undefined && wanted === 'cni'; // there it is a configuration's name
  const bridged = (['name', 'ip', 'interfaces', 'policy'] as const).filter(
    (field) => network[field] !== undefined && wanted !== 'bridge' && !(field === 'name' && named),
  );
  return [
    ...bridged.map((field) => ({
      path: `spec.network.${field}`,
      message: `is for the mode bridge, not ${wanted}`,
    })),
    ...(mode === 'none' && network.mac !== undefined
      ? [{ path: 'spec.network.mac', message: 'needs a network; the mode is none' }]
      : []),
    ...(network.bandwidth && (mode === 'none' || mode === 'user')
      ? [{ path: 'spec.network.bandwidth', message: `cannot be kept by the network ${mode}` }]
      : []),
    ...(hostLoopback === true && (mode ?? 'user') !== 'user'
      ? [{ path: 'spec.network.hostLoopback', message: `is for the mode user, not ${mode}` }]
      : []),
  ];
}

function validateNic(path: string, { name, ip, mac, bandwidth }: Nic): Violation[] {
  const named = name === undefined || isNetworkName(name) || DEFAULT_NETWORK_NAMES.includes(name);
  return [
    ...(named
      ? []
      : [{ path: `${path}.name`, message: `is no name of a network: "${(name ?? '').slice(0, 80)}"` }]),
    ...(!bandwidth || bandwidth >= LIMITS.bandwidthMinBytes
      ? []
      : [
          {
            path: `${path}.bandwidth`,
            message: `must be at least ${displaySize(LIMITS.bandwidthMinBytes)}, not ${displaySize(bandwidth)}`,
          },
        ]),
    ...(ip === undefined || isIpv4(ip) ? [] : [{ path: `${path}.ip`, message: 'must be an IPv4 address' }]),
    ...(mac === undefined || isMac(mac)
      ? []
      : [
          {
            path: `${path}.mac`,
            message: `must be a unicast MAC such as 02:00:00:00:00:07, not "${mac.slice(0, 80)}"`,
          },
        ]),
  ];
}

/** The same address or MAC on two NICs of one VM. */
function validateTwice(path: string, first: Nic, further: readonly Nic[]): Violation[] {
  const nics = [first, ...further];
  return (['ip', 'mac'] as const).flatMap((field) =>
    nics.flatMap((nic, index) => {
      const value = nic[field]?.toLowerCase();
      const earlier = nics.findIndex((other) => other[field]?.toLowerCase() === value);
      return value === undefined || earlier === index
        ? []
        : [{ path: `${path}.interfaces[${index - 1}].${field}`, message: `is there twice: "${value}"` }];
    }),
  );
}

function validatePorts({ mode, policy, ports: given = [] }: Network): Violation[] {
  const ports = given.map((port) => ({
    ...port,
    hostPort: port.hostPort ?? 0,
    protocol: port.protocol ?? ('tcp' as const),
  }));
  const path = 'spec.network.ports';
  if (mode === 'none' && ports.length > 0) return [{ path, message: 'need a network; the mode is none' }];
  if (policy?.preset === 'none' && ports.length > 0)
    return [{ path, message: 'would never answer; the policy is none' }];
  if (ports.length > LIMITS.ports) return [{ path, message: `are more than ${LIMITS.ports}` }];
  return ports.flatMap((port, index) => {
    const other = ports.findIndex((earlier, at) => at < index && portsCollide(earlier, port));
    return other < 0
      ? []
      : [{ path: `${path}[${index}]`, message: `(${formatPort(port)}) takes the host port of [${other}]` }];
  });
}

function validatePolicy({ allow = [] }: NetworkPolicy): Violation[] {
  const path = 'spec.network.policy.allow';
  if (allow.length > LIMITS.policyRules) return [{ path, message: `are more than ${LIMITS.policyRules}` }];
  return allow.flatMap(({ cidr, protocol, port, endPort }, index) => {
    const at = `${path}[${index}]`;
    const ported = protocol === 'tcp' || protocol === 'udp';
    return [
      ...(isIpv4Range(cidr)
        ? []
        : [
            {
              path: `${at}.cidr`,
              message: `must be IPv4 addresses such as 10.1.0.0/16, not "${cidr.slice(0, 80)}"`,
            },
          ]),
      ...(port !== undefined && !ported
        ? [{ path: `${at}.port`, message: 'needs the protocol tcp or udp' }]
        : []),
      ...(endPort !== undefined && (port === undefined || endPort < port)
        ? [{ path: `${at}.endPort`, message: 'must not be less than port' }]
        : []),
    ];
  });
}
