// Puts the daemon together: engine, HTTP server, socket, idle watch. The one place that knows them all.
import { type ConfigurationSpec, IgniteError } from '@ignite/api';
import { createAtWork } from './at-work.ts';
import { createEngine, type Engine } from '@ignite/engine';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { declareHandlers } from './http/handlers/declare.ts';
import { imageHandlers } from './http/handlers/images.ts';
import { kernelHandlers } from './http/handlers/kernels.ts';
import { type DaemonFacts, systemHandlers } from './http/handlers/system.ts';
import { sourceHandlers } from './http/handlers/sources.ts';
import { updateHandlers } from './http/handlers/update-vm.ts';
import { vmHandlers } from './http/handlers/vms.ts';
import { networkHandlers } from './http/handlers/networks.ts';
import { volumeHandlers } from './http/handlers/volumes.ts';
import { createApiServer } from './http/server.ts';
import { type IdleWatch, watchIdle } from './idle.ts';
import { listen } from './listen.ts';
import { serveMetrics } from './metrics/serve.ts';
import type { DaemonOptions } from './options.ts';
import type { Programs } from './programs.ts';
import { createSources } from './sources/sources.ts';
import { giveMemoryBack } from './tidy.ts';

export interface DaemonInput {
  readonly options: DaemonOptions;
  readonly configuration: ConfigurationSpec;
  readonly programs: Programs;
  readonly version: string;
  readonly commit: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/** A daemon that answers. `ending` settles when it is asked to end, `ended` when all of it is gone; VMs run on. */
export interface Daemon {
  readonly ending: Promise<void>;
  readonly ended: Promise<void>;
  stop(why: string): void;
}

/** How long what was begun for clients may take to stop where it is. */
const REQUESTS_DEADLINE_MS = 15_000;
const IDLE_AFTER_MS = 5 * 60_000;
/** Long enough not to fall between two commands of a script. */
const TIDY_AFTER_MS = 2_000;
const PROXY_VARIABLES = /^(https?|no|all)_proxy$/i;

/** Opens the state, recovers, and listens. @throws IgniteError what stands in the way of a start; nothing is left open */
export async function startDaemon(input: DaemonInput): Promise<Daemon> {
  const { options, log } = input;
  const ending = new AbortController();
  const stopped = Promise.withResolvers<string>();
  const stop = (why: string) => stopped.resolve(why);
  const complain = (text: string, error: unknown) => log.error({ err: error }, text);
  const stopFor = (error: unknown) => {
    complain('A source could not be followed', error);
    stop('a source could not be followed');
  };
  const active = new Set<string>();
  const engine = await createEngine({
    stateDirectory: options.stateDirectory,
    runDirectory: options.runDirectory,
    programs: input.programs,
    configuration: input.configuration,
    writer: `ignite ${input.version}`,
    environment: proxyVariables(input.env),
    managerActive: (manager) => active.has(manager),
    complain,
    signal: ending.signal,
  });
  const made = new AsyncDisposableStack();
  made.use(engine);
  const facts = { version: input.version, commit: input.commit, shutdown: () => stop('asked to') };
  const sources = createSources({
    engine,
    hostPaths: input.configuration.hostPaths ?? [],
    environment: input.env,
    active,
  });
  const atWork = createAtWork();
  made.defer(() => atWork.done(REQUESTS_DEADLINE_MS));
  const server = createApiServer({
    engine,
    atWork: atWork.add,
    handlers: {
      ...handlersOf(engine, facts),
      ...sourceHandlers(sources),
      ...updateHandlers(engine, sources),
    },
    complain,
    signal: ending.signal,
  });
  const idle = options.background ? watchForIdle(engine, active, stop) : undefined;
  if (idle !== undefined) countRequests(server, idle);
  const tidy = watchIdle({ busy: () => isAtWork(engine), afterMs: TIDY_AFTER_MS, onIdle: giveMemoryBack });
  countRequests(server, tidy);
  const followed: Promise<void>[] = [];
  const end = async () => {
    ending.abort(new IgniteError('daemon/stopping', 'The daemon is ending; its VMs run on'));
    idle?.[Symbol.dispose]();
    tidy[Symbol.dispose]();
    await Promise.all(followed);
    await made.disposeAsync();
  };
  const path = join(options.runDirectory, 'ignited.sock');
  try {
    made.defer(await listen(server, { path, env: input.env, pid: process.pid }));
    made.defer(
      await serveMetrics({
        engine,
        sources,
        version: input.version,
        commit: input.commit,
        socket: join(options.runDirectory, 'metrics.sock'),
        address: options.metrics,
        complain,
        signal: ending.signal,
      }),
    );
  } catch (error) {
    await end();
    throw error;
  }
  for (const wanted of options.sources)
    followed.push(
      sources
        .attach(wanted, (text) => log.info({ source: true }, text), ending.signal)
        .catch((error: unknown) => stopFor(error)),
    );
  log.info({ socket: path, state: options.stateDirectory, version: input.version }, 'Ready');

  const ended = async () => {
    log.info({ why: await stopped.promise }, 'Ending; VMs run on');
    await end();
  };
  return { ending: stopped.promise.then(() => {}), ended: ended(), stop };
}

function handlersOf(engine: Engine, facts: DaemonFacts) {
  return {
    ...systemHandlers(engine, facts),
    ...vmHandlers(engine),
    ...declareHandlers(engine),
    ...imageHandlers(engine),
    ...kernelHandlers(engine),
    ...volumeHandlers(engine),
    ...networkHandlers(engine),
  };
}

/** A VM that runs, or would be started again, needs somebody who watches it. */
function watchForIdle(engine: Engine, active: ReadonlySet<string>, stop: (why: string) => void): IdleWatch {
  const needed = () =>
    active.size > 0 || engine.vms.list().some((vm) => vm.status.running || vm.status.operation !== undefined);
  return watchIdle({ busy: needed, afterMs: IDLE_AFTER_MS, onIdle: () => stop('nothing to watch') });
}

/** Nobody may have asked for it: policies and sources start VMs, too. */
function isAtWork(engine: Engine): boolean {
  return engine.vms.list().some((vm) => vm.status.operation !== undefined);
}

function countRequests(server: ReturnType<typeof createApiServer>, idle: IdleWatch): void {
  server.on('connection', (socket) => {
    const request = idle.request();
    socket.once('close', () => request[Symbol.dispose]());
  });
}

function proxyVariables(env: DaemonInput['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && PROXY_VARIABLES.test(name) ? [[name, value]] : [],
    ),
  );
}
