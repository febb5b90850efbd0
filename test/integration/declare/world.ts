// A daemon with the stand-in VMM and the command line in front of it: the whole way of a manifest, without a machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Server } from 'node:http';
import { hostClock, hostCommands } from '../../../engine/src/host/index.ts';
import { sourcePlace } from '../../../engine/src/state/index.ts';
import { sourceHandlers } from '../../../packages/daemon/src/http/handlers/sources.ts';
import { createSources, type Sources } from '../../../packages/daemon/src/sources/sources.ts';
import { createDeclare } from '../../../engine/src/declare/index.ts';
import type { Engine } from '../../../engine/src/index.ts';
import { declareHandlers } from '../../../packages/daemon/src/http/handlers/declare.ts';
import { updateHandlers } from '../../../packages/daemon/src/http/handlers/update-vm.ts';
import { vmHandlers } from '../../../packages/daemon/src/http/handlers/vms.ts';
import { createApiServer } from '../../../packages/daemon/src/http/server.ts';
import type { Handlers } from '../../../packages/daemon/src/http/handler.ts';
import { createClient } from '@ignite/client';
import { type Caught, ignite } from '../../cli/run-in-process.ts';
import { House } from '../lifecycle/house.ts';

/** A manifest of a VM whose stand-in is up until it is told to end. */
export function manifest(name: string, spec: object = {}, metadata: object = {}): string {
  return JSON.stringify({
    apiVersion: 'ignite.vm/v1beta1',
    kind: 'VM',
    metadata: { name, ...metadata },
    spec: {
      image: { oci: 'registry.test/image:1' },
      kernel: { cmdLine: 'ready=app serve' },
      network: { mode: 'none' },
      ...spec,
    },
  });
}

/** What tests need of the world. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly socketPath: string;
  readonly house: House;
  readonly engine: Engine;
  /** A command line, run in the folder. */
  ignite(argv: readonly string[], stdin?: string): Promise<Caught>;
  readonly sources: Sources;
}

/** Opens a world; dispose it. */
export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-declare-'));
  const house = new House(folder);
  await house.open();
  const vms = house.vms;
  const part: Partial<Engine> = {
    vms,
    declare: createDeclare(vms, {}),
    clock: hostClock(),
    commands: hostCommands(),
    peerOf: async () => undefined,
    audit: { write: () => {}, flush: async () => {} },
    source: (manager: string) => sourcePlace(join(folder, 'state'), manager),
  };
  const engine = part as Engine; // the handlers under test need no more
  const sources = createSources({
    engine,
    hostPaths: [join(folder, 'allowed')],
    environment: {},
    active: house.outside.managers,
  });
  const handlers: Partial<Handlers> = {
    ...vmHandlers(engine),
    ...declareHandlers(engine),
    ...sourceHandlers(sources),
    ...updateHandlers(engine, sources),
  };
  const ending = new AbortController();
  const socketPath = join(folder, 'd.sock');
  const server = createApiServer({
    engine,
    handlers: new Proxy({} as Handlers, { get: (_, key) => Reflect.get(handlers, key) }),
    complain: (text, error) => console.error(text, error),
    signal: ending.signal,
  });
  await listening(server, socketPath);
  return {
    folder,
    socketPath,
    house,
    engine,
    ignite: (argv, stdin) =>
      ignite(argv, {
        cwd: folder,
        connect: async () => createClient({ socketPath }),
        ...(stdin === undefined ? {} : { stdin }),
      }),
    sources,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await house[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve) => server.listen(path, resolve));
}
