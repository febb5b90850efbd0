// Firecracker's API server where there is no KVM: it takes the calls of our driver and refuses what Firecracker 1.15 and
// 1.16 refuse, by their published API description: endpoints, fields, bounds, order, connections, bodies, form of errors.
import type { Duplex } from 'node:stream';
import { actions, balloonUpdate, drive, driveUpdate, networkInterface, networkUpdate } from './objects.ts';
import { sections, state } from './objects.ts';
import { type Fields, isRecord } from '../rules.ts';
import { fieldFaults } from './rules.ts';

const MAX_BODY = 51_200;
const MAX_CONNECTIONS = 10;

export interface StandInFirecracker {
  readonly version: string;
  /** What was asked, in order: `PATCH /vm {"state":"Paused"}`. */
  readonly calls: string[];
  state: 'Not started' | 'Running' | 'Paused';
  /** What `GET /vm/config` shows: the configuration file it was booted from. */
  readonly configuration: Readonly<Record<string, unknown>>;
  connections: number;
}

/** One that has booted from a configuration file. */
export function standInFirecracker(
  version: string,
  configuration: Readonly<Record<string, unknown>> = {},
): StandInFirecracker {
  return { version, calls: [], state: 'Running', configuration, connections: 0 };
}

/** Serves one connection. */
export function serveFirecracker(machine: StandInFirecracker, pipe: Duplex): void {
  pipe.setEncoding('latin1');
  if (machine.connections >= MAX_CONNECTIONS) {
    pipe.end(json(503, { error: 'Too many open connections' }));
    return;
  }
  machine.connections += 1;
  pipe.on('close', () => (machine.connections -= 1));
  let bytes = '';
  pipe.on('data', (piece: string) => {
    bytes += piece;
    for (let taken = takeRequest(bytes); taken !== undefined; taken = takeRequest(bytes)) {
      bytes = bytes.slice(taken.length);
      pipe.write(answer(machine, taken));
    }
  });
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly length: number;
  /** Of the connection: what came is no request that it takes. */
  readonly fault?: string;
}

/** A body of a size that is not told is none to this server; it knows no chunks. */
function takeRequest(bytes: string): Request | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.slice(0, end);
  const [, method = '', path = ''] = /^(\S+) (\S+) HTTP\/1\.[01]\r\n/.exec(`${head}\r\n`) ?? [];
  const size = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const begin = end + 4;
  const tooLarge = `Request payload with size ${size} is larger than the limit of ${MAX_BODY} allowed by server.`;
  if (size > MAX_BODY) return { method, path, body: '', length: bytes.length, fault: tooLarge };
  if (bytes.length < begin + size) return undefined;
  const body = bytes.slice(begin, begin + size);
  return { method, path, body, length: begin + size };
}

function answer(machine: StandInFirecracker, request: Request): string {
  const { method, path, body, fault } = request;
  machine.calls.push(`${method} ${path} ${body}`.trim());
  if (fault !== undefined)
    return json(400, { error: `${fault}\nAll previous unanswered requests will be dropped.` });
  if (method === 'GET')
    return body === '' ? shown(machine, path) : refusal('GET request cannot have a body.');
  if (body === '') return refusal(`Empty ${method} request.`);
  return changed(machine, method, path, parsed(body));
}

function shown(machine: StandInFirecracker, path: string): string {
  const { version, configuration } = machine;
  const info = {
    id: 'vm',
    state: machine.state,
    vmm_version: version,
    app_name: 'Firecracker',
    later: 'field',
  };
  const answers: Readonly<Record<string, object>> = {
    '/': info,
    '/version': { firecracker_version: version },
    '/vm/config': configuration,
    '/machine-config': Object(configuration['machine-config']),
  };
  const found = answers[path];
  return found === undefined ? refusal(`Invalid request method and/or path: GET ${path}.`) : json(200, found);
}

interface Endpoint {
  readonly fields: Fields;
  readonly when: 'before' | 'after' | 'any';
  /** The field that must be as the id in the path. */
  readonly id?: string;
}

const endpoints: Readonly<Record<string, Endpoint>> = {
  ...Object.fromEntries(
    Object.entries(sections).map(([name, fields]) => [
      `PUT /${name === 'mmds-config' ? 'mmds/config' : name}`,
      { fields, when: 'before' as const },
    ]),
  ),
  'PUT /actions': { fields: actions, when: 'any' },
  'PUT /drives/{id}': { fields: drive, when: 'before', id: 'drive_id' },
  'PUT /network-interfaces/{id}': { fields: networkInterface, when: 'before', id: 'iface_id' },
  'PATCH /vm': { fields: state, when: 'after' },
  'PATCH /drives/{id}': { fields: driveUpdate, when: 'after', id: 'drive_id' },
  'PATCH /network-interfaces/{id}': { fields: networkUpdate, when: 'after', id: 'iface_id' },
  'PATCH /balloon': { fields: balloonUpdate, when: 'after' },
};

function changed(machine: StandInFirecracker, method: string, path: string, body: unknown): string {
  const [, collection = '', id = ''] = /^\/(drives|network-interfaces)\/(.*)$/.exec(path) ?? [];
  const endpoint = endpoints[`${method} ${collection === '' ? path : `/${collection}/{id}`}`];
  if (endpoint === undefined) return refusal(`Invalid request method and/or path: ${method} ${path}.`);
  if (collection !== '' && !/^[A-Za-z0-9_]+$/.test(id))
    return refusal('API Resource IDs can only contain alphanumeric characters and underscores.');
  const [wrong] = fieldFaults(path, body, endpoint.fields, minorOf(machine.version));
  if (wrong !== undefined || !isRecord(body))
    return refusal(`An error occurred when deserializing the json body of a request: ${wrong}.`);
  if (endpoint.id !== undefined && body[endpoint.id] !== id)
    return refusal('The id from the path does not match the id from the body!');
  const late = outOfOrder(machine, endpoint, body);
  if (late !== undefined)
    return refusal(`The requested operation is not supported ${late} starting the microVM.`);
  if (collection !== '' && method === 'PATCH' && !hasDevice(machine, collection, endpoint.id ?? '', id))
    return refusal(`Unable to patch the device: there is no ${id}`);
  if (endpoint.fields === state) machine.state = body['state'] === 'Paused' ? 'Paused' : 'Running';
  if (body['action_type'] === 'InstanceStart') machine.state = 'Running';
  return 'HTTP/1.1 204 \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n\r\n';
}

function outOfOrder(
  machine: StandInFirecracker,
  { when }: Endpoint,
  body: Readonly<Record<string, unknown>>,
) {
  const action = body['action_type'];
  const wanted = action === undefined ? when : action === 'InstanceStart' ? 'before' : 'after';
  const started = machine.state !== 'Not started';
  if (wanted === 'before' && started) return 'after';
  return wanted === 'after' && !started ? 'before' : undefined;
}

function hasDevice({ configuration }: StandInFirecracker, section: string, key: string, id: string): boolean {
  const devices = configuration[section];
  return Array.isArray(devices) && devices.some((device: unknown) => isRecord(device) && device[key] === id);
}

function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}

function refusal(message: string): string {
  return json(400, { fault_message: message });
}

function json(status: number, body: object): string {
  const content = JSON.stringify(body);
  return `HTTP/1.1 ${status} \r\nServer: Firecracker API\r\nContent-Type: application/json\r\nContent-Length: ${content.length}\r\n\r\n${content}`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
