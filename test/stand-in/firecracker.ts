// A stand-in for Firecracker where there is no KVM: it takes the configuration file and the API calls of our driver and
// refuses what Firecracker 1.15 and 1.16 refuse, by their published API description: fields, bounds, order, limits of
// connection and body, form of errors. Facts only; it runs nothing.
import type { Duplex } from 'node:stream';

/** Checks a value; answers what is wrong, or undefined. */
type Rule = (value: unknown) => string | undefined;
interface Field {
  readonly rule: Rule;
  readonly required?: boolean;
  /** Minor version that brought it. */
  readonly since?: number;
}
type Fields = Readonly<Record<string, Field>>;

const MAX_BODY = 51_200;
const MAX_COMMAND_LINE = 2048;

const text: Rule = (value) => (typeof value === 'string' && value !== '' ? undefined : 'is no text');
const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : 'is no boolean');
const whole =
  (least: number, most: number): Rule =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `is no whole number from ${least} to ${most}`;
const oneOf =
  (...words: readonly string[]): Rule =>
  (value) =>
    words.some((word) => word === value) ? undefined : `is none of ${words.join(', ')}`;
const matches =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? undefined : `does not fit ${String(pattern)}`;
const id = matches(/^[A-Za-z0-9_]{1,64}$/);
const mac = matches(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i);
const commandLine: Rule = (value) =>
  typeof value === 'string' && value.length < MAX_COMMAND_LINE ? undefined : 'is longer than 2047 bytes';

const drive: Fields = {
  drive_id: { rule: id, required: true },
  is_root_device: { rule: flag, required: true },
  path_on_host: { rule: text },
  is_read_only: { rule: flag },
  cache_type: { rule: oneOf('Unsafe', 'Writeback') },
  io_engine: { rule: oneOf('Sync', 'Async') },
};
const networkInterface: Fields = {
  iface_id: { rule: id, required: true },
  host_dev_name: { rule: matches(/^[^/]{1,15}$/), required: true },
  guest_mac: { rule: mac },
  mtu: { rule: whole(68, 65_535), since: 16 },
};

/** Sections of the configuration file. */
const sections: Readonly<Record<string, Fields>> = {
  'boot-source': {
    kernel_image_path: { rule: text, required: true },
    initrd_path: { rule: text },
    boot_args: { rule: commandLine },
  },
  'machine-config': {
    vcpu_count: { rule: whole(1, 32), required: true },
    mem_size_mib: { rule: whole(1, 1 << 24), required: true },
    smt: { rule: flag },
    track_dirty_pages: { rule: flag },
  },
  vsock: {
    guest_cid: { rule: whole(3, 0xffffffff), required: true },
    uds_path: { rule: text, required: true },
  },
  entropy: {},
  balloon: {
    amount_mib: { rule: whole(0, 1 << 24), required: true },
    deflate_on_oom: { rule: flag, required: true },
    stats_polling_interval_s: { rule: whole(0, 65_535) },
  },
};

/** What is wrong with a configuration file; empty where Firecracker `1.<minor>` would boot it. */
export function configurationFaults(configuration: unknown, minor: number): readonly string[] {
  if (!isRecord(configuration)) return ['it is no object'];
  return Object.entries(configuration).flatMap(([name, value]) => {
    if (name === 'drives') return listFaults(name, value, drive, minor, 'drive_id');
    if (name === 'network-interfaces') return listFaults(name, value, networkInterface, minor, 'iface_id');
    const fields = sections[name];
    return fields === undefined ? [`${name} is no section`] : fieldFaults(name, value, fields, minor);
  });
}

function listFaults(
  name: string,
  value: unknown,
  fields: Fields,
  minor: number,
  key: string,
): readonly string[] {
  if (!Array.isArray(value)) return [`${name} is no list`];
  const ids = value.map((item: unknown) => (isRecord(item) ? item[key] : undefined));
  const twice = new Set(ids).size < ids.length ? [`${name}: an id is there twice`] : [];
  return [...twice, ...value.flatMap((item: unknown) => fieldFaults(name, item, fields, minor))];
}

function fieldFaults(name: string, value: unknown, fields: Fields, minor: number): readonly string[] {
  if (!isRecord(value)) return [`${name} is no object`];
  const missing = Object.entries(fields).filter(
    ([key, { required }]) => required === true && !(key in value),
  );
  return [
    ...missing.map(([key]) => `${name}: missing field \`${key}\``),
    ...Object.entries(value).flatMap(([key, item]) => {
      const field = fields[key];
      if (field === undefined || (field.since ?? 0) > minor) return [`${name}: unknown field \`${key}\``];
      const wrong = field.rule(item);
      return wrong === undefined ? [] : [`${name}.${key} ${wrong}`];
    }),
  ];
}

export interface StandInFirecracker {
  readonly version: string;
  /** What was asked, in order: `PATCH /vm {"state":"Paused"}`. */
  readonly calls: string[];
  paused: boolean;
}

/** Serves one connection like the API of a VM that has booted. */
export function serveFirecracker(machine: StandInFirecracker, pipe: Duplex): void {
  let bytes = '';
  pipe.setEncoding('latin1');
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
  readonly fault?: string;
}

function takeRequest(bytes: string): Request | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.slice(0, end);
  const [, method = '', path = ''] = /^(\S+) (\S+) HTTP\/1\.[01]\r\n/.exec(`${head}\r\n`) ?? [];
  const size = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const begin = end + 4;
  if (bytes.length < begin + size) return undefined;
  const fault = /\r\ntransfer-encoding:/i.test(head) ? 'Unsupported header' : undefined;
  const tooLong = size > MAX_BODY ? 'Request payload is too large' : undefined;
  const wrong = fault ?? tooLong;
  const body = bytes.slice(begin, begin + size);
  return { method, path, body, length: begin + size, ...(wrong === undefined ? {} : { fault: wrong }) };
}

function answer(machine: StandInFirecracker, request: Request): string {
  const { method, path, body, fault } = request;
  machine.calls.push(`${method} ${path} ${body}`.trim());
  if (fault !== undefined) return refusal(fault);
  if (method === 'GET' && path === '/version') return json(200, { firecracker_version: machine.version });
  if (method === 'GET' && path === '/') {
    const state = machine.paused ? 'Paused' : 'Running';
    return json(200, {
      id: 'vm',
      state,
      vmm_version: machine.version,
      app_name: 'Firecracker',
      later: 'field',
    });
  }
  return change(machine, method, path, parsed(body));
}

const actions: Fields = { action_type: { rule: oneOf('FlushMetrics', 'SendCtrlAltDel'), required: true } };
const state: Fields = { state: { rule: oneOf('Paused', 'Resumed'), required: true } };
const driveUpdate: Fields = { drive_id: { rule: id, required: true }, path_on_host: { rule: text } };

function change(machine: StandInFirecracker, method: string, path: string, body: unknown): string {
  const call = `${method} ${path.replace(/^\/drives\/[A-Za-z0-9_]+$/, '/drives/{id}')}`;
  const fields = { 'PUT /actions': actions, 'PATCH /vm': state, 'PATCH /drives/{id}': driveUpdate }[call];
  if (fields === undefined) return refusal(`Invalid request method and/or path: ${method} ${path}.`);
  const [wrong] = fieldFaults(path, body, fields, 99);
  if (wrong !== undefined || !isRecord(body)) return refusal(wrong ?? 'no object');
  if (call === 'PATCH /drives/{id}' && path !== `/drives/${String(body['drive_id'])}`)
    return refusal('The id from the path does not match the id from the body!');
  if (call === 'PATCH /vm') machine.paused = body['state'] === 'Paused';
  return 'HTTP/1.1 204 \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n\r\n';
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
