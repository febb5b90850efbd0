// The running QEMU as the lifecycle sees it.
import type { Duplex } from 'node:stream';
import type { VmmControl, VmmState } from '../port.ts';
import { countOf } from '../answer-values.ts';
import { LIMITS_OBJECT, LINK_CHARDEV, throttleLimits } from './arguments.ts';
import { connectQmp, type Qmp } from './qmp.ts';

/** Events after which something of VmmState may be another (QEMU docs, qapi/run-state.json, qapi/char.json). */
const EVENTS: ReadonlySet<string> = new Set(['STOP', 'RESUME', 'VSERPORT_CHANGE']);

/** QEMU stops a guest whose write finds no room, and only then (`werror` of a device, which is not set; RunState). */
const DISK_FULL = 'io-error';

/** Opens the control connection over the supervisor's `vmm` channel. */
export async function qemuControl(channel: Duplex, signal: AbortSignal): Promise<VmmControl> {
  const listeners = new Set<() => void>();
  const onEvent = (name: string) => {
    if (EVENTS.has(name)) for (const listener of [...listeners]) listener();
  };
  const qmp = await connectQmp(channel, signal, onEvent);
  return {
    powerButton: async (signal) => void (await qmp.execute('system_powerdown', signal)),
    pause: async (signal) => void (await qmp.execute('stop', signal)),
    resume: async (signal) => void (await qmp.execute('cont', signal)),
    state: (signal) => qemuState(qmp, signal),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    diskUse: (signal) => diskUse(qmp, signal),
    closed: qmp.closed,
    resizeDrive: async (index, bytes, signal) =>
      void (await qmp.execute('block_resize', signal, { 'node-name': `drive${index}`, size: bytes })),
    limitDisks: async (limits, signal) =>
      void (await qmp.execute('qom-set', signal, {
        path: `/objects/${LIMITS_OBJECT}`,
        property: 'limits',
        value: throttleLimits(limits),
      })),
    [Symbol.asyncDispose]: () => qmp[Symbol.asyncDispose](),
  };
}

async function qemuState(qmp: Qmp, signal: AbortSignal): Promise<VmmState> {
  const [status, chardevs] = await Promise.all([
    qmp.execute('query-status', signal),
    qmp.execute('query-chardev', signal),
  ]);
  const link = rows(chardevs).find((row) => row['label'] === LINK_CHARDEV)?.['frontend-open'];
  const word = rows([status])[0]?.['status'];
  return {
    paused: word === 'paused' || word === DISK_FULL,
    ...(word === DISK_FULL ? { diskFull: true } : {}),
    ...(typeof link === 'boolean' ? { linkOpen: link } : {}),
  };
}

async function diskUse(qmp: Qmp, signal: AbortSignal) {
  const stats = rows(await qmp.execute('query-blockstats', signal)).map(
    (row) => rows([row['stats']])[0] ?? {},
  );
  const sum = (key: string) => stats.reduce((all, one) => all + countOf(one[key]), 0);
  return { read: sum('rd_bytes'), written: sum('wr_bytes') };
}

function rows(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((row) => typeof row === 'object' && row !== null) : [];
}
