// Operations on the daemon itself.
import type { Engine } from '@ignite/engine';
import type { Handlers } from '../handler.ts';

type SystemOperations = 'ping' | 'version' | 'info' | 'shutdown' | 'diskUse' | 'gc' | 'repair' | 'events';

export interface DaemonFacts {
  readonly version: string;
  readonly commit: string;
  /** Ends the daemon after the answer has gone out; VMs run on. */
  readonly shutdown: () => void;
}

/** The operations on the daemon itself. */
export function systemHandlers(engine: Engine, facts: DaemonFacts): Pick<Handlers, SystemOperations> {
  return {
    ping: async () => ({ ok: true }),
    version: async () => ({ version: facts.version, commit: facts.commit, api: ['v1'], pid: process.pid }),
    info: async ({ signal }) => {
      const [images, kernels] = await Promise.all([engine.images.list(), engine.kernels.list()]);
      return {
        stateDirectory: engine.stateDirectory,
        runDirectory: engine.runDirectory,
        instance: engine.instance,
        root: process.getuid?.() === 0,
        vms: countVms(engine),
        images: images.length,
        kernels: kernels.length,
        drivers: await Promise.all(engine.drivers.map((driver) => driverInfo(driver, signal))),
      };
    },
    shutdown: async ({ body, signal }) => {
      if (body.vms === true) await engine.vms.haltAll(body.host === true ? 'host' : 'user');
      whenOver(signal, facts.shutdown);
      return { stopping: true };
    },
    diskUse: async () => ({ items: [...(await engine.diskUse())] }),
    gc: async ({ body, signal }) => ({
      items: [...(await engine.janitor.sweep({ dryRun: body.dryRun === true, signal }))],
    }),
    repair: async ({ body }) => ({ items: [...(await engine.vms.repair(body.vms ?? []))] }),
    events: ({ query, signal }) =>
      engine.events.read({
        since: query.since ?? engine.events.last(),
        follow: query.follow ?? false,
        signal,
      }),
  };
}

/** Once the answer is out, or nobody waits for it: the end closes all connections. */
function whenOver(signal: AbortSignal, end: () => void): void {
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
}

function countVms({ vms }: Engine) {
  const states = vms.list().map((vm) => vm.status);
  return {
    total: states.length,
    running: states.filter((status) => status.running).length,
    broken: states.filter((status) => status.state === 'broken').length,
  };
}

async function driverInfo(driver: Engine['drivers'][number], signal: AbortSignal) {
  const { usable, program, accelerator, reason } = await driver.probe({}, signal);
  const version = program?.version;
  return {
    name: driver.name,
    usable,
    ...(version === undefined ? {} : { version }),
    ...(accelerator === undefined ? {} : { accelerator }),
    ...(reason === undefined ? {} : { reason }),
  };
}
