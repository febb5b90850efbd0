// The running QEMU as the lifecycle sees it.
import type { Duplex } from 'node:stream';
import type { VmmControl } from '../port.ts';
import { connectQmp } from './qmp.ts';

/** Opens the control connection over the supervisor's `vmm` channel. */
export async function qemuControl(channel: Duplex, signal: AbortSignal): Promise<VmmControl> {
  const qmp = await connectQmp(channel, signal);
  return {
    powerButton: async (signal) => void (await qmp.execute('system_powerdown', signal)),
    pause: async (signal) => void (await qmp.execute('stop', signal)),
    resume: async (signal) => void (await qmp.execute('cont', signal)),
    [Symbol.asyncDispose]: () => qmp[Symbol.asyncDispose](),
  };
}
