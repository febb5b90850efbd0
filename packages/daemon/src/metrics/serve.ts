// /metrics on a socket of its own in the run directory and, where it is asked for, on a TCP address: one scrape for
// all VMs. Whoever may read it sees names and images of VMs, nothing else.
import { chmod, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { once } from 'node:events';
import { IgniteError } from '@ignite/api';
import type { Engine } from '@ignite/engine';
import type { Sources } from '../sources/sources.ts';
import { countEvents } from './counters.ts';
import { buildInfo, hostFamilies } from './host-families.ts';
import { measureAll, STATS_MS } from './measure.ts';
import { scrapeServer } from './scrape-server.ts';
import { metricsText } from './text.ts';
import { serveVmSockets } from './vm-sockets.ts';
import { processFamilies, vmFamilies } from './vm-families.ts';

export interface MetricsInput {
  readonly engine: Engine;
  readonly sources: Sources;
  readonly version: string;
  readonly commit: string;
  readonly socket: string;
  /** `127.0.0.1:9436`; absent: the socket alone. */
  readonly address?: string | undefined;
  readonly complain: (text: string, error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Begins to serve. @returns how to end @throws IgniteError `daemon/metrics-address` */
export async function serveMetrics(input: MetricsInput): Promise<() => Promise<void>> {
  const scrape = createScrape(input);
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  try {
    if (input.address !== undefined) servers.push(await onAddress(scrape, input.address));
    servers.push(await onSocket(scrape, input.socket));
  } catch (error) {
    close();
    throw error;
  }
  const stopVmSockets = await serveVmSockets({
    ...input,
    serverOf: (uid) => scrapeServer(() => scrapeOne(input, uid)),
  });
  return async () => {
    close();
    await rm(input.socket, { force: true });
    await stopVmSockets();
  };
}

/** Gives the text of one scrape. */
function createScrape({
  engine,
  sources,
  version,
  commit,
  signal,
}: Omit<MetricsInput, 'socket' | 'address' | 'complain'>): () => Promise<string> {
  const counters = countEvents(engine, signal);
  return async () => {
    const vms = engine.vms.list();
    const [images, kernels, networks, measured] = await Promise.all([
      engine.images.list(),
      engine.kernels.list(),
      engine.vms.networks.list(),
      measureAll(engine.vms, signal),
    ]);
    const facts = {
      version,
      commit,
      vms,
      images: images.map(({ size, base }) => ({ size, bytes: base.bytes })),
      kernels: kernels.length,
      networks: networks.length,
      sources: sources.list(),
      counters,
      now: Date.now(),
    };
    return metricsText([...hostFamilies(facts), ...vmFamilies(measured)]);
  };
}

/** One VM, and the process of its supervisor in the names that the original's socket had. */
async function scrapeOne({ engine, version, commit, signal }: MetricsInput, uid: string): Promise<string> {
  const vm = engine.vms.inspect(uid);
  const until = AbortSignal.any([signal, AbortSignal.timeout(STATS_MS)]);
  const stats = await engine.vms.stats(uid, until).catch(() => undefined);
  return metricsText([buildInfo(version, commit), ...processFamilies(stats), ...vmFamilies([{ vm, stats }])]);
}

async function onSocket(scrape: () => Promise<string>, path: string): Promise<Server> {
  await rm(path, { force: true }); // the lock is ours, so a socket that is there is a dead one (MET-03)
  const server = scrapeServer(scrape);
  server.listen(path);
  await once(server, 'listening');
  await chmod(path, 0o600);
  return server;
}

async function onAddress(scrape: () => Promise<string>, address: string): Promise<Server> {
  const [, host = '', port] =
    /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):(\d{1,5})$/.exec(address)?.filter((part) => part !== undefined) ?? [];
  if (port === undefined)
    throw new IgniteError('daemon/metrics-address', `"${address}" is no address to serve metrics at`);
  const server = scrapeServer(scrape);
  server.listen(Number(port), host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new IgniteError('daemon/metrics-address', `Metrics cannot be served at ${address}`, { cause });
  }
  return server;
}
