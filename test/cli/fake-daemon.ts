// A daemon that speaks the contract over a real unix socket and holds its VMs in memory: what the CLI tests run
// against. Commands of guests are functions of the test.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ImageDocument,
  KernelDocument,
  OpenRequest,
  VmDocument,
  VolumeDocument,
  NetworkDocument,
} from '@ignite/client';
import { errorBody, fakeVm, fakeVolume, fakeNetwork } from './fake-objects.ts';
import { type FileFacts, type GuestSide, serveStream } from './fake-stream.ts';

export * from './fake-objects.ts';

/** What the fake does for one request: gives JSON, lines, or fails with an error body. */
export interface FakeDaemon extends AsyncDisposable {
  readonly socketPath: string;
  readonly vms: VmDocument[];
  readonly images: ImageDocument[];
  readonly kernels: KernelDocument[];
  readonly volumes: VolumeDocument[];
  readonly networks: NetworkDocument[];
  /** Names of sources. */
  readonly sources: string[];
  /** Every request: method, path with query, body. */
  readonly requests: FakeRequest[];
  /** Serves a stream of a VM: exec, attach, put, … */
  guest: (side: GuestSide) => void | Promise<void>;
  /** Facts of files in the guest; undefined: not found. */
  guestFacts: (open: OpenRequest) => FileFacts | undefined;
  /** Lines of progress before the result of a long operation. */
  progress: readonly object[];
  /** Errors to answer with, by `METHOD path-pattern`. */
  readonly failures: Map<string, object>;
  /** Called when a start is asked for; may wait or throw an error body. */
  onStart: (vm: VmDocument, aborted: AbortSignal) => Promise<void>;
  /** Called when a stop or a kill is asked for; may wait. */
  onEnd: (vm: VmDocument) => Promise<void>;
  /** What `stats` answers, and `top`. */
  stats: (vm: VmDocument) => object;
  processes: object;
  /** How a VM is reached by SSH, and the host keys that are pinned when that is asked for. */
  ssh: { readonly host: string; readonly hostKeys?: readonly string[] };
  keysNow: readonly string[];
  /** Log frames for `logs`. */
  logs: readonly Uint8Array[];
  /** Mode of VMs that are created. */
  mode: 'app' | 'system';
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly json: Record<string, unknown> | undefined;
}

/** Starts a fake; dispose it. */
export async function startFakeDaemon(): Promise<FakeDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-fake-'));
  const socketPath = join(folder, 'd.sock');
  const sockets = new Set<Socket>();
  const daemon: FakeDaemon = {
    socketPath,
    vms: [],
    images: [],
    kernels: [],
    volumes: [],
    networks: [],
    sources: [],
    requests: [],
    guest: (side) => side.exit({ code: 0, oom: false }),
    guestFacts: () => undefined,
    progress: [],
    failures: new Map(),
    onStart: async () => {},
    onEnd: async () => {},
    stats: () => ({}),
    processes: { items: [], complete: true },
    ssh: { host: '127.0.0.1' },
    keysNow: [],
    logs: [],
    mode: 'app',
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
  const server = createServer((request, response) => {
    void answer(daemon, request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    void upgrade(daemon, request, socket as Socket, head);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return daemon;
}

async function readRequest(request: IncomingMessage): Promise<FakeRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces);
  const url = new URL(request.url ?? '/', 'http://ignite');
  const isJson = request.headers['content-type'] === 'application/json';
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    body,
    json: isJson ? JSON.parse(body.toString('utf8')) : undefined,
  };
}

class Failure extends Error {
  readonly status: number;
  readonly body: object;
  constructor(status: number, body: object) {
    super('failure');
    this.status = status;
    this.body = body;
  }
}

async function answer(daemon: FakeDaemon, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const read = await readRequest(request);
  daemon.requests.push(read);
  const aborter = new AbortController();
  response.once('close', () => aborter.abort());
  const planned = [...daemon.failures].find(([key]) =>
    new RegExp(`^${key}$`).test(`${read.method} ${read.path}`),
  );
  try {
    if (planned !== undefined) throw new Failure(409, planned[1]);
    await route(daemon, read, response, aborter.signal);
  } catch (error) {
    const failure =
      error instanceof Failure ? error : new Failure(500, errorBody('cli/failed', String(error)));
    if (response.headersSent) response.end(`${JSON.stringify({ type: 'error', error: failure.body })}\n`);
    else {
      response.writeHead(failure.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: failure.body }));
    }
  }
}

async function end(daemon: FakeDaemon, ref: string): Promise<VmDocument> {
  const vm = find(daemon, ref);
  await daemon.onEnd(vm);
  return set(vm, { running: false, state: 'stopped' });
}

async function route(
  daemon: FakeDaemon,
  read: FakeRequest,
  response: ServerResponse,
  aborted: AbortSignal,
): Promise<void> {
  const { json, method, path, query } = read;
  const [, , kind = '', ref = '', verb = ''] = path.split('/').map(decodeURIComponent);
  const send = (value: unknown) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  const operate = async (act: () => unknown) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const progress of daemon.progress)
      response.write(`${JSON.stringify({ type: 'progress', progress })}\n`);
    response.end(`${JSON.stringify({ type: 'result', value: await act() })}\n`);
  };
  const route = `${method} ${kind}${ref === '' ? '' : '/*'}${verb === '' ? '' : `/${verb}`}`;
  switch (route) {
    case 'GET vms':
      return send({ items: daemon.vms.filter((vm) => query.get('all') === 'true' || vm.status.running) });
    case 'POST vms':
      return operate(() => create(daemon, json ?? {}));
    case 'GET vms/*':
      return send(find(daemon, ref));
    case 'DELETE vms/*':
      return send(remove(daemon, ref, query.get('force') === 'true'));
    case 'POST vms/*/start':
      return operate(async () => {
        const vm = find(daemon, ref);
        await daemon.onStart(vm, aborted);
        return set(vm, { running: true, state: 'running', agent: 'ready' });
      });
    case 'POST vms/*/stop':
      return operate(() => end(daemon, ref));
    case 'POST vms/*/update':
      return send({ vm: find(daemon, ref), live: ['spec.diskSize'], atNextStart: ['spec.memory'] });
    case 'POST vms/*/kill':
      return send(await end(daemon, ref));
    case 'POST vms/*/pause':
      return send(set(find(daemon, ref), { state: 'paused' }));
    case 'POST vms/*/unpause':
      return send(set(find(daemon, ref), { state: 'running' }));
    case 'POST vms/*/rename': {
      const vm = find(daemon, ref);
      return send(Object.assign(vm, { metadata: { ...vm.metadata, name: json?.['name'] } }));
    }
    case 'GET vms/*/stats':
      return send(daemon.stats(find(daemon, ref)));
    case 'GET vms/*/top':
      find(daemon, ref);
      return send(daemon.processes);
    case 'POST vms/*/wait':
      return send({ exitCode: find(daemon, ref).status.exitCode ?? 0 });
    case 'GET vms/*/logs':
      find(daemon, ref);
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      for (const frame of daemon.logs) response.write(frame);
      return void response.end();
    case 'GET vms/*/ssh':
      return send({ user: 'root', ...daemon.ssh });
    case 'POST vms/*/ssh':
      daemon.ssh = { ...daemon.ssh, hostKeys: daemon.keysNow };
      return send({ user: 'root', ...daemon.ssh });
    case 'GET images':
      return send({ items: daemon.images });
    case 'POST images/*':
      if (ref === 'tag') return send(daemon.images[0]);
      return operate(() => (ref === 'load' ? { items: daemon.images } : daemon.images[0]));
    case 'GET images/*':
    case 'DELETE images/*':
      return send(named(daemon.images, 'image', ref));
    case 'GET kernels':
      return send({ items: daemon.kernels });
    case 'POST kernels/*':
      return operate(() => daemon.kernels[0]);
    case 'GET kernels/*':
    case 'DELETE kernels/*':
      return send(named(daemon.kernels, 'kernel', ref));
    case 'GET volumes':
      return send({ items: daemon.volumes });
    case 'POST volumes':
      daemon.volumes.push(fakeVolume(String(json?.['name'] ?? 'quiet-moon'), { size: json?.['size'] }));
      return send(daemon.volumes.at(-1));
    case 'POST volumes/*': {
      const freed = daemon.volumes.splice(0);
      return send({ volumes: freed.map(({ metadata: { uid, name } }) => ({ uid, name })), freed: 0 });
    }
    case 'POST volumes/*/resize':
      return send({ ...named(daemon.volumes, 'volume', ref), spec: json });
    case 'GET volumes/*':
      return send(named(daemon.volumes, 'volume', ref));
    case 'DELETE volumes/*': {
      const volume = named(daemon.volumes, 'volume', ref);
      daemon.volumes.splice(daemon.volumes.indexOf(volume), 1);
      return send(volume);
    }
    case 'GET networks':
      return send({ items: daemon.networks });
    case 'POST networks':
      daemon.networks.push(fakeNetwork(String(json?.['name'])));
      return send(daemon.networks.at(-1));
    case 'GET networks/*':
      return send(named(daemon.networks, 'network', ref));
    case 'DELETE networks/*': {
      const network = named(daemon.networks, 'network', ref);
      daemon.networks.splice(daemon.networks.indexOf(network), 1);
      return send(network);
    }
    case 'GET sources':
      return send({ items: daemon.sources.map((name) => ({ name, state: 'good' })) });
    case 'GET version':
      return send({ version: 'v1.0.0', commit: 'abc', api: ['v1'], pid: 1 });
    case 'GET ping':
      return send({ ok: true });
    default:
      throw new Failure(404, errorBody('cli/failed', `no route ${route}`));
  }
}

function create(daemon: FakeDaemon, body: Record<string, unknown>): VmDocument {
  const metadata = typeof body['metadata'] === 'object' && body['metadata'] !== null ? body['metadata'] : {};
  const name = 'name' in metadata && typeof metadata.name === 'string' ? metadata.name : 'quiet-moon';
  if (daemon.vms.some((vm) => vm.metadata.name === name))
    throw new Failure(409, errorBody('lifecycle/name-taken', `A VM called ${name} exists`));
  const spec = typeof body['spec'] === 'object' && body['spec'] !== null ? body['spec'] : {};
  const vm = fakeVm(name, { spec, bound: { mode: daemon.mode } });
  daemon.vms.push(vm);
  return vm;
}

function find(daemon: FakeDaemon, ref: string): VmDocument {
  const vm =
    daemon.vms.find((one) => one.metadata.uid === ref || one.metadata.name === ref) ??
    daemon.vms.find((one) => one.metadata.uid.startsWith(ref) || one.metadata.name.startsWith(ref));
  if (vm === undefined) throw new Failure(404, errorBody('api/not-found', `There is no VM "${ref}"`));
  return vm;
}

function named<T extends { readonly metadata: { readonly name: string; readonly uid?: string } }>(
  items: readonly T[],
  kind: string,
  ref: string,
): T {
  const found = items.find((one) => one.metadata.name === ref || one.metadata.uid === ref);
  if (found === undefined) throw new Failure(404, errorBody('api/not-found', `There is no ${kind} "${ref}"`));
  return found;
}

function set(vm: VmDocument, status: object): VmDocument {
  Object.assign(vm.status, status);
  return vm;
}

function remove(daemon: FakeDaemon, ref: string, force: boolean): VmDocument {
  const vm = find(daemon, ref);
  if (vm.status.running && !force)
    throw new Failure(409, errorBody('lifecycle/running', `The VM ${vm.metadata.name} is running`));
  daemon.vms.splice(daemon.vms.indexOf(vm), 1);
  return vm;
}

async function upgrade(
  daemon: FakeDaemon,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://ignite');
  daemon.requests.push({
    method: 'UPGRADE',
    path: url.pathname,
    query: url.searchParams,
    body: Buffer.alloc(0),
    json: undefined,
  });
  try {
    const vm = find(daemon, decodeURIComponent(url.pathname.split('/')[3] ?? ''));
    await serveStream(socket, head, vm, daemon.guest, daemon.guestFacts);
  } catch (error) {
    const body = JSON.stringify({
      error: error instanceof Failure ? error.body : errorBody('cli/failed', String(error)),
    });
    const status = error instanceof Failure ? error.status : 500;
    socket.end(
      `HTTP/1.1 ${status} X\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
}
