// The resolvers of all networks: begun when a network is made, begun again where it failed, ended with the daemon. While
// none listens, the host's table passes questions on to the host's resolvers itself (bridge/root-table.ts).
import { hasErrno } from '../../host/index.ts';
import { listenDns } from './server.ts';
import type { ZoneEntry } from './zone.ts';
import { contains, parseAddress, parsePrefix } from '../ipv4.ts';

/** A network whose gateway has its address. */
interface NamedNetwork {
  /** What people call it. */
  readonly name: string;
  readonly gateway: string;
  readonly subnet: string;
  /** Absent: the host's. */
  readonly dns?: readonly string[];
}

export interface NameService {
  /** Answers on exactly these networks from now on. Each failure is reported once, never thrown. */
  keep(networks: readonly NamedNetwork[]): Promise<void>;
  /** NICs of the VMs that run, from now on. */
  setEntries(entries: readonly ZoneEntry[]): void;
}

interface NameServiceOptions {
  readonly hostResolvers: () => Promise<readonly string[]>;
  readonly complain: (text: string, error: unknown) => void;
}

/** Resolvers on port 53 of the gateways of this process's network namespace. */
export function createNameService({ hostResolvers, complain }: NameServiceOptions): NameService {
  const running = new Map<string, AsyncDisposable>();
  const told = new Set<string>();
  let entries: readonly ZoneEntry[] = [];

  const begin = async ({ name, gateway, subnet, dns }: NamedNetwork) => {
    const range = parsePrefix(subnet) ?? { base: 0, length: 32 };
    const within = (address: string) => contains(range, parseAddress(address) ?? -1);
    try {
      const server = await listenDns({
        address: gateway,
        zone: { network: name, contains: within },
        entries: () => entries,
        resolvers: async () => dns ?? hostResolvers(),
      });
      running.set(gateway, server);
    } catch (error) {
      if (told.has(gateway)) return;
      told.add(gateway);
      const why = hasErrno(error, 'EADDRINUSE')
        ? 'another program has port 53 of all addresses'
        : 'see the cause';
      complain(`VMs of the network ${name} cannot ask for each other by name: ${why}`, error);
    }
  };
  return {
    keep: async (networks) => {
      const wanted = new Set(networks.map(({ gateway }) => gateway));
      for (const [gateway, server] of running)
        if (!wanted.has(gateway)) {
          running.delete(gateway);
          await server[Symbol.asyncDispose]();
        }
      for (const network of networks) if (!running.has(network.gateway)) await begin(network);
    },
    setEntries: (next) => {
      entries = next;
    },
  };
}
