// The `user` driver: a network of each VM's own, without privilege. passt belongs to the VM's supervisor and ends with
// it (DESIGN D4), so that there is nothing of it to claim, to observe or to remove.
import { type Commands, findProgram } from '../../host/index.ts';
import { listenersFor, refuseForeignAddresses } from '../choose-ports.ts';
import { refuseHeldPorts } from '../held-ports.ts';
import { addressedInterfaces, parseRows } from '../host-look.ts';
import type { AttachedNic, BindRequest, TakenNic, UserNic } from '../port.ts';
import { configuredResolvers, type ReadText } from '../resolvers.ts';
import { USER_NETWORK } from './addresses.ts';
import { chooseUserNic, noPasst } from './bind.ts';
import { passtProgram, type UserNetworkFacts } from './passt.ts';

interface UserNetworkOptions {
  readonly commands: Commands;
  readonly readText: ReadText;
  /** Where a program of the host is. */
  readonly find?: (name: string) => Promise<string | undefined>;
}

/** What a user network offers. */
export interface UserNetwork {
  bind(request: BindRequest, taken: readonly TakenNic[], signal: AbortSignal): Promise<UserNic>;
  /** Refuses ports that somebody holds. @throws IgniteError `network/port-taken` */
  check(nic: UserNic, signal: AbortSignal): Promise<void>;
  /** What the supervisor and the VMM need. @throws IgniteError `network/no-user-network` */
  placeOf(nic: UserNic, signal: AbortSignal): Promise<AttachedNic>;
}

const PORT_START = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
const USUAL_PORT_START = 1024;

/** User networks of this host. Nothing is touched. */
export function createUserNetwork(options: UserNetworkOptions): UserNetwork {
  const { commands } = options;
  const findPasst = () => (options.find ?? findProgram)('passt');
  return {
    bind: async (request, taken, signal) => {
      await refuseForeignAddresses(commands, request.ports, signal);
      return chooseUserNic(request, taken, {
        hasPasst: (await findPasst()) !== undefined,
        listeners: await listenersFor(commands, request.ports, signal),
        firstOpenPort: Number((await options.readText(PORT_START)) ?? USUAL_PORT_START),
      });
    },
    check: (nic, signal) => refuseHeldPorts(commands, nic.ports, { signal }),
    placeOf: async (nic, signal) => {
      if (nic.backend === 'qemu') return { kind: 'built-in', subnet: USER_NETWORK.subnet, bound: nic };
      const binary = await findPasst();
      if (binary === undefined) throw noPasst();
      return { kind: 'program', program: passtProgram(binary, nic, await look(options, signal)), bound: nic };
    },
  };
}

async function look(
  { commands, readText }: UserNetworkOptions,
  signal: AbortSignal,
): Promise<UserNetworkFacts> {
  const [configured, interfaces, routes] = await Promise.all([
    configuredResolvers(readText),
    addressedInterfaces(commands, signal),
    commands.run(['ip', '-j', '-4', 'route', 'show', 'default'], { signal }),
  ]);
  return {
    hasResolver: configured.length > 0,
    hostAddresses: interfaces.flatMap(({ addresses }) => addresses),
    hasDefaultRoute: parseRows(routes.stdout).length > 0,
  };
}
