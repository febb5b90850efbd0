// A socket for each running VM, as in the original (MET-02): the metrics of one VM, in addition to those of all. They are
// one HTTP server that listens on many sockets, and cost nothing while nobody asks.
import { chmod, rm } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { Engine } from '@ignite/engine';

/** A name in a socket's address ends with a NUL in 108 bytes (unix(7)). */
const MOST_PATH_BYTES = 107;

export interface VmSocketsInput {
  readonly engine: Pick<Engine, 'vms' | 'events' | 'metricsSocket'>;
  /** Serves one VM. */
  readonly serverOf: (uid: string) => HttpServer;
  readonly complain: (text: string, error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Opens and closes the sockets as VMs start and end. @returns how to end */
export async function serveVmSockets(input: VmSocketsInput): Promise<() => Promise<void>> {
  const { engine, complain, signal } = input;
  const open = new Map<string, Server>();
  const settle = async (uid: string, running: boolean): Promise<void> => {
    try {
      if (!running) await closeDoor(uid, open, engine.metricsSocket(uid));
      else if (!open.has(uid)) await openDoor(uid, input, open);
    } catch (error) {
      complain(`The metrics socket of the VM ${uid} could not be opened or closed`, error);
    }
  };
  const since = engine.events.last();
  // Where it does not run, what a daemon left that was killed is removed: a socket says that its VM runs.
  for (const { metadata, status } of engine.vms.list()) await settle(metadata.uid, status.running);
  const following = (async () => {
    for await (const { kind, vm } of engine.events.read({ since, follow: true, signal }))
      if (kind === 'vm' && vm !== undefined) await settle(vm, isRunning(engine, vm));
  })().catch(() => {}); // the end of the daemon
  return async () => {
    await following;
    for (const uid of [...open.keys()]) await closeDoor(uid, open, engine.metricsSocket(uid));
  };
}

function isRunning({ vms }: Pick<Engine, 'vms'>, uid: string): boolean {
  try {
    return vms.inspect(uid).status.running;
  } catch {
    return false; // removed
  }
}

async function openDoor(
  uid: string,
  { engine, serverOf }: VmSocketsInput,
  open: Map<string, Server>,
): Promise<void> {
  const path = engine.metricsSocket(uid);
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) return; // a state directory far down: the scrape of all has this VM, too
  await rm(path, { force: true }); // of a daemon that is gone (HAZ-04)
  let http: HttpServer | undefined;
  const server = createServer((socket) => {
    http ??= serverOf(uid);
    http.emit('connection', socket);
  });
  server.listen(path);
  await once(server, 'listening');
  await chmod(path, 0o600);
  open.set(uid, server);
}

/** The folder may be gone with its VM. */
async function closeDoor(uid: string, open: Map<string, Server>, path: string): Promise<void> {
  open.get(uid)?.close();
  open.delete(uid);
  await rm(path, { force: true });
}
