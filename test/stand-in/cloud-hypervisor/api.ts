// The API of a running Cloud Hypervisor: endpoints, methods, bodies, order rules and error bodies as it publishes them.
import type { Duplex } from 'node:stream';
import { type Fields, fieldFaults, text, whole } from '../rules.ts';

export interface StandInCloudHypervisor {
  /** Major version. */
  readonly version: number;
  /** What was asked, in order: `PUT vm.pause`. */
  readonly calls: string[];
  state: 'absent' | 'Running' | 'Paused';
  /** Ids of its disks. */
  readonly disks: readonly string[];
  /** Called for the power button. */
  readonly onButton?: () => void;
}

const ROOT = '/api/v1/';
const MAX_BODY = 4 << 20;

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

interface Endpoint {
  readonly method: 'GET' | 'PUT';
  /** Absent: a request with a body is refused. */
  readonly body?: Fields;
  readonly needs?: 'created' | 'booted' | 'paused' | 'running';
  readonly run: (machine: StandInCloudHypervisor, body: Readonly<Record<string, unknown>>) => Answer;
}

const NO_CONTENT: Answer = { status: 204 };

const endpoints: Readonly<Record<string, Endpoint>> = {
  'vmm.ping': {
    method: 'GET',
    run: ({ version }) => ({
      status: 200,
      body: { build_version: `v${version}.0`, version: `${version}.0.0`, pid: 1, features: ['kvm'] },
    }),
  },
  'vm.info': {
    method: 'GET',
    needs: 'created',
    run: ({ state }) => ({ status: 200, body: { config: {}, state, memory_actual_size: 1, later: 'field' } }),
  },
  'vm.counters': {
    method: 'GET',
    needs: 'booted',
    run: ({ disks }) => ({
      status: 200,
      body: {
        _net0: { rx_bytes: 5, tx_bytes: 6, rx_frames: 1, tx_frames: 1 },
        ...Object.fromEntries(disks.map((id) => [id, { read_bytes: 100, write_bytes: 10, read_ops: 1 }])),
      },
    }),
  },
  'vm.pause': { method: 'PUT', needs: 'running', run: (machine) => become(machine, 'Paused') },
  'vm.resume': { method: 'PUT', needs: 'paused', run: (machine) => become(machine, 'Running') },
  'vm.power-button': {
    method: 'PUT',
    needs: 'booted',
    run: ({ onButton }) => {
      onButton?.();
      return NO_CONTENT;
    },
  },
  'vm.resize-disk': {
    method: 'PUT',
    needs: 'created',
    body: { id: { rule: text }, desired_size: { rule: whole(512, Number.MAX_SAFE_INTEGER) } },
    run: ({ disks }, { id }) =>
      disks.some((one) => one === id) ? NO_CONTENT : failure(404, `Unknown device: ${String(id)}`),
  },
};

function become(machine: StandInCloudHypervisor, state: 'Running' | 'Paused'): Answer {
  machine.state = state;
  return NO_CONTENT;
}

/** The body of an error: messages from the outermost to the cause. */
function failure(status: number, ...causes: readonly string[]): Answer {
  return { status, body: ['Error from API', ...causes] };
}

/** Serves one connection. */
export function serveCloudHypervisor(machine: StandInCloudHypervisor, pipe: Duplex): void {
  let bytes = Buffer.alloc(0);
  pipe.on('data', (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece]);
    for (let taken = takeRequest(bytes); taken !== undefined; taken = takeRequest(bytes)) {
      bytes = bytes.subarray(taken.length);
      pipe.write(wire(answer(machine, taken)));
    }
  });
  pipe.on('error', () => pipe.destroy());
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly length: number;
  readonly chunked: boolean;
}

function takeRequest(bytes: Buffer): Request | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const [, method = '', path = ''] = /^(\S+) (\S+) HTTP\/1\.[01]\r\n/.exec(`${head}\r\n`) ?? [];
  const size = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const begin = end + 4;
  const length = begin + Number(size ?? 0);
  if (bytes.length < length) return undefined;
  const chunked = /\r\ntransfer-encoding:/i.test(head);
  const body = size === undefined ? {} : { body: bytes.toString('utf8', begin, length) };
  return { method, path, length, chunked, ...body };
}

function answer(machine: StandInCloudHypervisor, { method, path, body, chunked }: Request): Answer {
  const name = path.startsWith(ROOT) ? path.slice(ROOT.length) : '';
  machine.calls.push([method, name, body].filter((word) => word !== undefined).join(' '));
  const endpoint = endpoints[name];
  if (endpoint === undefined) return { status: 404, body: ['Not Found'] };
  const hasBody = (body !== undefined) === (endpoint.body !== undefined);
  if (endpoint.method !== method || chunked || !hasBody || (body?.length ?? 0) > MAX_BODY)
    return { status: 400, body: ['Bad Request'] };
  const read = parsed(body);
  const [wrong] = endpoint.body === undefined ? [] : fieldFaults(read, endpoint.body, machine.version);
  if (wrong !== undefined) return { status: 400, body: ['JSON deserialization error', wrong] };
  return lacking(machine, endpoint) ?? endpoint.run(machine, read);
}

/** What the VM's state does not allow. Before 53 every failure is told as 500 (its vmm/src/api/http). */
function lacking({ state, version }: StandInCloudHypervisor, { needs }: Endpoint): Answer | undefined {
  const absent = version >= 53 ? 404 : 500;
  if (needs !== undefined && state === 'absent')
    return needs === 'created' ? failure(absent, 'VM is not created') : failure(500, 'VM is not running');
  if (needs === 'paused' && state !== 'Paused') return failure(500, 'Cannot resume VM', 'Invalid VM state');
  if (needs === 'running' && state !== 'Running') return failure(500, 'Cannot pause VM', 'Invalid VM state');
  return undefined;
}

function wire({ status, body }: Answer): string {
  const head = `HTTP/1.1 ${status} \r\nServer: Cloud Hypervisor API\r\nConnection: keep-alive\r\n`;
  if (body === undefined) return `${head}\r\n`;
  const content = JSON.stringify(body);
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`;
}

function parsed(body: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body ?? '{}');
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value))
      : { '': value };
  } catch {
    return { '': body };
  }
}
