// The running Firecracker as the lifecycle sees it: calls of its API over the supervisor's `vmm` channel.
import type { Duplex } from 'node:stream';
import { IgniteError } from '@ignite/api';
import { wordsOf } from '../answer-values.ts';
import type { DiskLimits, VmmControl, VmmState } from '../port.ts';
import { type RestPipe, restPipe } from '../rest/http-pipe.ts';
import { driveId, drivePath, isCapped, nicId } from './configuration.ts';
import { driveLimiter, nicLimiter, withoutLimit } from './limiters.ts';
import { type FirecrackerVersion, losesVsockAfterPause, parseVersion, versionText } from './versions.ts';

const NAME = 'Firecracker';
const OK = 200;
const NO_CONTENT = 204;

/** Opens the control connection. Asks for the version first: faults of single versions are worked around here. */
export async function firecrackerControl(channel: Duplex, signal: AbortSignal): Promise<VmmControl> {
  const pipe = restPipe(NAME, channel);
  const version = await readVersion(pipe, signal);
  const call: Call = async (method, path, body, signal) => {
    const { status, body: answer } = await pipe.send(method, path, body, signal);
    if (status !== OK && status !== NO_CONTENT) throw refused(method, path, status, answer);
    return answer;
  };
  return {
    powerButton: async (signal) =>
      void (await call('PUT', '/actions', { action_type: 'SendCtrlAltDel' }, signal)),
    pause: async (signal) => {
      refuseBrokenPause(version);
      await call('PATCH', '/vm', { state: 'Paused' }, signal);
    },
    resume: async (signal) => void (await call('PATCH', '/vm', { state: 'Resumed' }, signal)),
    resizeDrive: async (index, _bytes, signal) => {
      // It looks at its file again; that is larger already.
      const drive = { drive_id: driveId(index), path_on_host: drivePath(index) };
      await call('PATCH', `/drives/${driveId(index)}`, drive, signal);
    },
    limitDisks: (limits, signal) => limitDisks(call, limits, signal),
    limitNics: (caps, signal) => limitNics(call, caps, signal),
    state: async (signal) => stateOf(await call('GET', '/', undefined, signal)),
    onChange: () => () => {},
    tellCounters: async (signal) =>
      void (await call('PUT', '/actions', { action_type: 'FlushMetrics' }, signal)),
    closed: pipe.closed,
    [Symbol.asyncDispose]: () => pipe[Symbol.asyncDispose](),
  };
}

type Call = (method: string, path: string, body: object | undefined, signal: AbortSignal) => Promise<unknown>;

async function limitDisks(call: Call, limits: DiskLimits, signal: AbortSignal): Promise<void> {
  const ids = (await drivesOf(call, signal)).filter(isCapped);
  const limiter = withoutLimit(driveLimiter(limits, ids.length));
  for (const id of ids) await call('PATCH', `/drives/${id}`, { drive_id: id, rate_limiter: limiter }, signal);
}

async function limitNics(
  call: Call,
  caps: readonly (number | undefined)[],
  signal: AbortSignal,
): Promise<void> {
  for (const [index, bytesPerSecond] of caps.entries()) {
    const limiter = withoutLimit(bytesPerSecond ? nicLimiter(bytesPerSecond) : {});
    const id = nicId(index);
    const body = { iface_id: id, rx_rate_limiter: limiter, tx_rate_limiter: limiter };
    await call('PATCH', `/network-interfaces/${id}`, body, signal);
  }
}

/** The ids of its drives, as its own configuration has them. */
async function drivesOf(call: Call, signal: AbortSignal): Promise<readonly string[]> {
  const drives = field(await call('GET', '/vm/config', undefined, signal), 'drives');
  return Array.isArray(drives)
    ? drives.flatMap((drive: unknown) => wordsOf(field(drive, 'drive_id')) ?? [])
    : [];
}

async function readVersion(pipe: RestPipe, signal: AbortSignal): Promise<FirecrackerVersion> {
  const { status, body } = await pipe.send('GET', '/version', undefined, signal);
  const version = parseVersion(`v${wordsOf(field(body, 'firecracker_version')) ?? ''}`);
  if (status === OK && version !== undefined) return version;
  throw refused('GET', '/version', status, body);
}

function stateOf(answer: unknown): VmmState {
  return { paused: field(answer, 'state') === 'Paused' };
}

function refuseBrokenPause(version: FirecrackerVersion): void {
  if (!losesVsockAfterPause(version)) return;
  throw new IgniteError(
    'vm/cannot-pause',
    `Firecracker ${versionText(version)} loses the way to a guest that was paused (its issue 6100); 1.15 and later versions than 1.16.1 do not`,
  );
}

/** Errors are 400 with `{"fault_message": …}`. */
function refused(method: string, path: string, status: number, body: unknown): IgniteError {
  const words = wordsOf(field(body, 'fault_message')) ?? wordsOf(field(body, 'error')) ?? 'no reason given';
  return new IgniteError('vmm/control-failed', `Firecracker refused ${method} ${path}: ${words}`, {
    details: { status },
  });
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}
