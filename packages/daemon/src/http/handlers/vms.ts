// Operations on VMs: the lifecycle's verbs, in the API's words.
import { type Call, exitStatus, type Engine } from '@ignite/engine';
import type { HandlerResult } from '@ignite/api';
import { isActive } from '@ignite/api/state-words';
import type { Handlers } from '../handler.ts';
import { logFrames } from './logs.ts';

type VmOperations =
  | 'listVms'
  | 'createVm'
  | 'uploadFiles'
  | 'inspectVm'
  | 'removeVm'
  | 'startVm'
  | 'stopVm'
  | 'killVm'
  | 'pauseVm'
  | 'unpauseVm'
  | 'renameVm'
  | 'statsVm'
  | 'topVm'
  | 'waitVm'
  | 'sshAccess'
  | 'pinHostKeys'
  | 'protectVm'
  | 'resumeVm'
  | 'logs';

/** Without its override a VM is brought to what its manifest says. */
async function resume(vms: Engine['vms'], ref: string, call: Call) {
  const { metadata, spec } = await vms.update(ref, { override: undefined }, call);
  const manager = { ...call, by: 'manager' } as const;
  return spec.running
    ? vms.start(metadata.uid, { ...manager, attach: false, wait: 'agent' })
    : vms.stop(metadata.uid, manager);
}

function access({ hostKeys, ...rest }: Awaited<ReturnType<Engine['vms']['sshAccess']>>) {
  return { ...rest, ...(hostKeys === undefined ? {} : { hostKeys: [...hostKeys] }) };
}

/** The operations on VMs. */
export function vmHandlers({ vms }: Engine): Pick<Handlers, VmOperations> {
  return {
    listVms: async ({ query }) => {
      const all = vms.list();
      return { items: all.filter((vm) => query.all === true || isActive(vm.status.state)) };
    },
    createVm: ({ body, report, signal }) => vms.create(body, { report, signal }),
    uploadFiles: ({ bytes, signal }) => vms.keepFiles(bytes, signal),
    inspectVm: async ({ ref }) => vms.inspect(ref),
    removeVm: ({ ref, query, report, signal }) => vms.remove(ref, query.force === true, { report, signal }),
    startVm: ({ ref, body, report, signal }) =>
      vms.start(ref, {
        attach: body.attach ?? false,
        wait: body.wait ?? 'agent',
        timeoutSeconds: body.timeoutSeconds,
        removeFailed: body.removeFailed,
        ignoreHeldPorts: body.ignoreHeldPorts,
        report,
        signal,
      }),
    stopVm: ({ ref, body, report, signal }) =>
      vms.stop(ref, {
        timeoutSeconds: body.timeoutSeconds,
        signalName: body.signal,
        report,
        signal,
      }),
    killVm: ({ ref, body, report, signal }) => vms.kill(ref, { signalName: body.signal, report, signal }),
    pauseVm: ({ ref, signal }) => vms.setPaused(ref, true, signal),
    unpauseVm: ({ ref, signal }) => vms.setPaused(ref, false, signal),
    renameVm: ({ ref, body, signal }) => vms.rename(ref, body.name, signal),
    statsVm: ({ ref, signal }) => vms.stats(ref, signal),
    topVm: ({ ref, signal }) => vms.processes(ref, signal),
    waitVm: async ({ ref, body, signal }): Promise<HandlerResult<'waitVm'>> => {
      const end = await vms.wait(ref, body.condition ?? 'stopped', signal);
      if (end === undefined) return { exitCode: 0 };
      return {
        exitCode: exitStatus(end) ?? 0,
        ...(end.signal === undefined ? {} : { exitSignal: end.signal }),
        ...(end.oom === undefined ? {} : { oom: end.oom }),
        finishedAt: end.at,
      };
    },
    protectVm: ({ ref, body, report, signal }) =>
      vms.update(ref, { protected: body.protected }, { report, signal }),
    resumeVm: ({ ref, report, signal }) => resume(vms, ref, { report, signal }),
    sshAccess: async ({ ref, signal }) => access(await vms.sshAccess(ref, signal)),
    pinHostKeys: async ({ ref, signal }) => access(await vms.pinHostKeys(ref, signal)),
    logs: ({ ref, query, signal }) => logFrames(vms.logs(ref), query, signal),
  };
}
