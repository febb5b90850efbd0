// The running Cloud Hypervisor as the lifecycle sees it: calls of its API over the supervisor's `vmm` channel
// (vmm/src/api/openapi/cloud-hypervisor.yaml of its sources).
import type { Duplex } from 'node:stream';
import { IgniteError } from '@ignite/api';
import { countOf, wordsOf } from '../answer-values.ts';
import type { VmmControl, VmmState } from '../port.ts';
import { restPipe } from '../rest/http-pipe.ts';
import { driveId } from './words.ts';

const NAME = 'Cloud Hypervisor';
const ROOT = '/api/v1';
const OK = 200;
const NO_CONTENT = 204;
/** How every version says that its VM is not there yet: its API answers earlier. */
const NOT_CREATED = 'VM is not created';

/** Opens the control connection; an answer to `vmm.ping` proves that it is one. */
export async function cloudHypervisorControl(channel: Duplex, signal: AbortSignal): Promise<VmmControl> {
  const pipe = restPipe(NAME, channel);
  const call = async (method: 'GET' | 'PUT', name: string, signal: AbortSignal, body?: object) => {
    const { status, body: answer } = await pipe.send(method, `${ROOT}/${name}`, body, signal);
    if (status !== OK && status !== NO_CONTENT) throw refused(name, status, answer);
    return answer;
  };
  await call('GET', 'vmm.ping', signal);
  return {
    powerButton: async (signal) => void (await call('PUT', 'vm.power-button', signal)),
    pause: async (signal) => void (await call('PUT', 'vm.pause', signal)),
    resume: async (signal) => void (await call('PUT', 'vm.resume', signal)),
    resizeDrive: async (index, bytes, signal) =>
      void (await call('PUT', 'vm.resize-disk', signal, { id: driveId(index), desired_size: bytes })),
    state: async (signal) => {
      const { status, body } = await pipe.send('GET', `${ROOT}/vm.info`, undefined, signal);
      if (status === OK) return stateOf(body);
      if (messages(body).includes(NOT_CREATED)) return { paused: false };
      throw refused('vm.info', status, body);
    },
    onChange: () => () => {},
    diskUse: async (signal) => diskUse(await call('GET', 'vm.counters', signal)),
    closed: pipe.closed,
    [Symbol.asyncDispose]: () => pipe[Symbol.asyncDispose](),
  };
}

function stateOf(answer: unknown): VmmState {
  return { paused: fields(answer)['state'] === 'Paused' };
}

/** Counters by the id of a device; only disks have `read_bytes`. */
function diskUse(answer: unknown) {
  const devices = Object.values(fields(answer)).map(fields);
  const sum = (key: string) => devices.reduce((all, one) => all + countOf(one[key]), 0);
  return { read: sum('read_bytes'), written: sum('write_bytes') };
}

function refused(name: string, status: number, body: unknown): IgniteError {
  const words = messages(body).join(': ') || 'no reason given';
  return new IgniteError('vmm/control-failed', `${NAME} refused ${name}: ${words}`, { details: { status } });
}

/** The body of an error is a list of messages, from the outermost to its cause. */
function messages(body: unknown): readonly string[] {
  return Array.isArray(body) ? body.flatMap((one) => wordsOf(one) ?? []) : [];
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
