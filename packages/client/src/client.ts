// The typed client: one method per operation of the HTTP API.
import type { Readable } from 'node:stream';
import type { EventBody, OperationId, Progress, RequestBody, ResultDocument } from '@ignite/api';
import type { LogPiece, OpenRequest } from '@ignite/api/frames';
import { buildPath, paths } from '@ignite/api/paths';
import { parseJson } from './errors.ts';
import { readLog } from './log-stream.ts';
import { readLines, readOperation } from './ndjson.ts';
import { readBytes } from './bytes.ts';
import { type IgniteStream, openStream } from './stream.ts';
import { readText, sendRequest, type Transport } from './transport.ts';

export type VmDocument = ResultDocument<'inspectVm'>;
export type ImageDocument = ResultDocument<'inspectImage'>;
/** How an image made from a root file system runs. */
export type RunSettings = Partial<ImageDocument['status']['config']>;
export type VolumeDocument = ResultDocument<'inspectVolume'>;
export type NetworkDocument = ResultDocument<'inspectNetwork'>;
export type KernelDocument = ResultDocument<'inspectKernel'>;

/** Options of every call. An aborted signal ends the request; the daemon then stops a long operation too. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Options of long operations. */
export interface OperationOptions extends CallOptions {
  /** Called for each progress as it comes. */
  readonly report?: ((progress: Progress) => void) | undefined;
}

/** What to read of a VM's logs. */
export interface LogQuery {
  /** Absent: `app` in app mode, else `console`. */
  readonly source?: 'app' | 'console' | 'vmm';
  readonly follow?: boolean;
  /** Lines from the end. */
  readonly tail?: number;
  /** RFC 3339. */
  readonly since?: string;
  readonly until?: string;
}

export interface StreamOptions extends CallOptions {
  /** Seconds to wait for a VM that starts. */
  readonly timeoutSeconds?: number | undefined;
}

/** What is needed to reach a VM by SSH. */
export type SshAccess = ResultDocument<'sshAccess'>;

/**
 * Every operation of the daemon. A `ref` is a UID, a name, or a unique beginning of one. All methods throw
 * IgniteError: the daemon's own, or `cli/…` where it could not be asked.
 */
export interface Client {
  readonly socketPath: string;
  ping(options?: CallOptions): Promise<ResultDocument<'ping'>>;
  version(options?: CallOptions): Promise<ResultDocument<'version'>>;
  info(options?: CallOptions): Promise<ResultDocument<'info'>>;
  /** With `vms` it takes as long as the slowest VM needs to stop. */
  shutdown(body?: RequestBody<'shutdown'>, options?: CallOptions): Promise<ResultDocument<'shutdown'>>;
  diskUse(options?: CallOptions): Promise<ResultDocument<'diskUse'>>;
  gc(body?: RequestBody<'gc'>, options?: OperationOptions): Promise<ResultDocument<'gc'>>;
  repair(body?: RequestBody<'repair'>, options?: OperationOptions): Promise<ResultDocument<'repair'>>;
  /** Events after `since`, then as they happen while `follow`. */
  events(
    query: { readonly since?: number; readonly follow?: boolean },
    options?: CallOptions,
  ): AsyncIterable<EventBody>;

  listVms(query?: { readonly all?: boolean }, options?: CallOptions): Promise<readonly VmDocument[]>;
  createVm(body: RequestBody<'createVm'>, options?: OperationOptions): Promise<VmDocument>;
  /** `tar`: files for the first start of a VM, names below its root. Their id goes into `createVm` or `apply`. */
  uploadFiles(tar: Readable, options?: OperationOptions): Promise<ResultDocument<'uploadFiles'>>;
  inspectVm(ref: string, options?: CallOptions): Promise<VmDocument>;
  removeVm(ref: string, query?: { readonly force?: boolean }, options?: CallOptions): Promise<VmDocument>;
  startVm(ref: string, body?: RequestBody<'startVm'>, options?: OperationOptions): Promise<VmDocument>;
  stopVm(ref: string, body?: RequestBody<'stopVm'>, options?: OperationOptions): Promise<VmDocument>;
  killVm(ref: string, body?: RequestBody<'killVm'>, options?: CallOptions): Promise<VmDocument>;
  pauseVm(ref: string, options?: CallOptions): Promise<VmDocument>;
  unpauseVm(ref: string, options?: CallOptions): Promise<VmDocument>;
  /** Changes size and caps; the answer says what took effect at once and what will at the next start. */
  updateVm(
    ref: string,
    body: RequestBody<'updateVm'>,
    options?: CallOptions,
  ): Promise<ResultDocument<'updateVm'>>;
  renameVm(ref: string, body: RequestBody<'renameVm'>, options?: CallOptions): Promise<VmDocument>;
  statsVm(ref: string, options?: CallOptions): Promise<ResultDocument<'statsVm'>>;
  topVm(ref: string, options?: CallOptions): Promise<ResultDocument<'topVm'>>;
  waitVm(ref: string, body?: RequestBody<'waitVm'>, options?: CallOptions): Promise<ResultDocument<'waitVm'>>;
  protectVm(ref: string, body: RequestBody<'protectVm'>, options?: CallOptions): Promise<VmDocument>;
  /** Ends what a stop or start by hand holds against the manifest. */
  resumeVm(ref: string, body?: RequestBody<'resumeVm'>, options?: OperationOptions): Promise<VmDocument>;
  /** Makes VMs as declared, or with `dryRun` says what that would change. */
  apply(body: RequestBody<'apply'>, options?: OperationOptions): Promise<ResultDocument<'apply'>>;
  /** Settles when the source is withdrawn: by an abort, which is an error, or by the end of the daemon. */
  attachSource(
    body: RequestBody<'attachSource'>,
    options?: OperationOptions,
  ): Promise<ResultDocument<'attachSource'>>;
  listSources(options?: CallOptions): Promise<ResultDocument<'listSources'>>;
  approveSource(
    ref: string,
    body: RequestBody<'approveSource'>,
    options?: CallOptions,
  ): Promise<ResultDocument<'approveSource'>>;
  syncSource(
    ref: string,
    body: RequestBody<'syncSource'>,
    options?: OperationOptions,
  ): Promise<ResultDocument<'syncSource'>>;
  sshAccess(ref: string, options?: CallOptions): Promise<SshAccess>;
  pinHostKeys(ref: string, options?: CallOptions): Promise<SshAccess>;
  logs(ref: string, query?: LogQuery, options?: CallOptions): AsyncIterable<LogPiece>;
  /** exec, get, put, stat, attach or console; see OpenRequest. */
  stream(ref: string, open: OpenRequest, options?: StreamOptions): Promise<IgniteStream>;

  listImages(options?: CallOptions): Promise<readonly ImageDocument[]>;
  pullImage(body: RequestBody<'pullImage'>, options?: OperationOptions): Promise<ImageDocument>;
  /** `archive` is the tar stream of a docker-save or OCI archive. */
  loadImage(
    archive: Readable,
    query?: { readonly reference?: string; readonly bytes?: number },
    options?: OperationOptions,
  ): Promise<readonly ImageDocument[]>;
  /** `tar` is a root file system, perhaps compressed. */
  importRootfs(
    tar: Readable,
    query: { readonly reference: string; readonly bytes?: number; readonly config?: RunSettings },
    options?: OperationOptions,
  ): Promise<ImageDocument>;
  pushImage(body: RequestBody<'pushImage'>, options?: OperationOptions): Promise<ResultDocument<'pushImage'>>;
  /** The bytes of an OCI archive. Leaving the loop ends the request. */
  saveImages(body: RequestBody<'saveImages'>, options?: CallOptions): AsyncIterable<Uint8Array>;
  pruneImages(
    body: RequestBody<'pruneImages'>,
    options?: OperationOptions,
  ): Promise<ResultDocument<'pruneImages'>>;
  checkLogin(body: RequestBody<'checkLogin'>, options?: CallOptions): Promise<ResultDocument<'checkLogin'>>;
  makeImage(body: RequestBody<'makeImage'>, options?: OperationOptions): Promise<ImageDocument>;
  tagImage(body: RequestBody<'tagImage'>, options?: CallOptions): Promise<ImageDocument>;
  inspectImage(ref: string, options?: CallOptions): Promise<ImageDocument>;
  removeImage(
    ref: string,
    query?: { readonly force?: boolean },
    options?: CallOptions,
  ): Promise<ImageDocument>;

  listKernels(options?: CallOptions): Promise<readonly KernelDocument[]>;
  importKernel(body: RequestBody<'importKernel'>, options?: OperationOptions): Promise<KernelDocument>;
  /** `file` is a .deb, an ELF vmlinux or a bzImage. */
  loadKernel(
    file: Readable,
    query: { readonly name: string },
    options?: OperationOptions,
  ): Promise<KernelDocument>;
  inspectKernel(ref: string, options?: CallOptions): Promise<KernelDocument>;
  removeKernel(
    ref: string,
    query?: { readonly force?: boolean },
    options?: CallOptions,
  ): Promise<KernelDocument>;

  /** Every hop between a VM and the internet. */
  checkNetwork(
    ref: string,
    body: RequestBody<'checkNetwork'>,
    options?: CallOptions,
  ): Promise<ResultDocument<'checkNetwork'>>;
  /** What its network policy refused a VM. */
  deniedByNetwork(ref: string, options?: CallOptions): Promise<ResultDocument<'deniedByNetwork'>>;
  listNetworks(options?: CallOptions): Promise<readonly NetworkDocument[]>;
  createNetwork(body: RequestBody<'createNetwork'>, options?: CallOptions): Promise<NetworkDocument>;
  inspectNetwork(ref: string, options?: CallOptions): Promise<NetworkDocument>;
  removeNetwork(ref: string, options?: CallOptions): Promise<NetworkDocument>;

  listVolumes(options?: CallOptions): Promise<readonly VolumeDocument[]>;
  /** One of that name that is large enough is given back as it is. */
  createVolume(body: RequestBody<'createVolume'>, options?: CallOptions): Promise<VolumeDocument>;
  inspectVolume(ref: string, options?: CallOptions): Promise<VolumeDocument>;
  resizeVolume(
    ref: string,
    body: RequestBody<'resizeVolume'>,
    options?: CallOptions,
  ): Promise<VolumeDocument>;
  removeVolume(ref: string, options?: CallOptions): Promise<VolumeDocument>;
  pruneVolumes(
    body: RequestBody<'pruneVolumes'>,
    options?: CallOptions,
  ): Promise<ResultDocument<'pruneVolumes'>>;
}

export interface ClientOptions {
  readonly socketPath: string;
  /** Milliseconds for the head of an ordinary answer; default 60 s. Long operations and waits have none. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** Removing a running VM ends it first. */
const REMOVE_TIMEOUT_MS = 300_000;
/** Growing a file system of 16 TiB takes a minute, deleting a large file its time, too. */
const VOLUME_TIMEOUT_MS = 300_000;
/** A registry may be slow, and its token server too. */
const LOGIN_TIMEOUT_MS = 120_000;
const UPGRADE_TIMEOUT_MS = 30_000;

/** A client for the daemon at a unix socket. Holds no connection open between calls. */
export function createClient(options: ClientOptions): Client {
  const transport: Transport = {
    socketPath: options.socketPath,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
  const json = jsonCaller(transport);
  const operation = operationCaller(transport);
  const remove = (force: boolean | undefined) => ({ query: { force }, timeoutMs: REMOVE_TIMEOUT_MS });
  return {
    socketPath: options.socketPath,
    ping: (call) => json('ping', {}, call),
    version: (call) => json('version', {}, call),
    info: (call) => json('info', {}, call),
    shutdown: (body = {}, call) =>
      json('shutdown', { json: body, ...(body.vms ? { timeoutMs: 0 } : {}) }, call),
    diskUse: (call) => json('diskUse', { timeoutMs: VOLUME_TIMEOUT_MS }, call),
    gc: (body = {}, call) => operation('gc', { json: body }, call),
    repair: (body = {}, call) => operation('repair', { json: body }, call),
    events: (query, call) => readEvents(transport, query, call),

    listVms: async (query = {}, call) => (await json('listVms', { query }, call)).items,
    createVm: (body, call) => operation('createVm', { json: body }, call),
    uploadFiles: (stream, call) => operation('uploadFiles', { stream }, call),
    inspectVm: (ref, call) => json('inspectVm', { ref }, call),
    removeVm: (ref, query = {}, call) => json('removeVm', { ref, ...remove(query.force) }, call),
    startVm: (ref, body = {}, call) => operation('startVm', { ref, json: body }, call),
    stopVm: (ref, body = {}, call) => operation('stopVm', { ref, json: body }, call),
    killVm: (ref, body = {}, call) => json('killVm', { ref, json: body, timeoutMs: REMOVE_TIMEOUT_MS }, call),
    pauseVm: (ref, call) => json('pauseVm', { ref, json: {} }, call),
    unpauseVm: (ref, call) => json('unpauseVm', { ref, json: {} }, call),
    updateVm: (ref, body, call) => json('updateVm', { ref, json: body, timeoutMs: VOLUME_TIMEOUT_MS }, call),
    renameVm: (ref, body, call) => json('renameVm', { ref, json: body }, call),
    statsVm: (ref, call) => json('statsVm', { ref }, call),
    topVm: (ref, call) => json('topVm', { ref }, call),
    waitVm: (ref, body = {}, call) => json('waitVm', { ref, json: body, timeoutMs: 0 }, call),
    protectVm: (ref, body, call) => json('protectVm', { ref, json: body }, call),
    resumeVm: (ref, body = {}, call) => operation('resumeVm', { ref, json: body }, call),
    apply: (body, call) => operation('apply', { json: body }, call),
    attachSource: (body, call) => operation('attachSource', { json: body }, call),
    listSources: (call) => json('listSources', {}, call),
    approveSource: (ref, body, call) => json('approveSource', { ref, json: body }, call),
    syncSource: (ref, body, call) => operation('syncSource', { ref, json: body }, call),
    sshAccess: (ref, call) => json('sshAccess', { ref }, call),
    pinHostKeys: (ref, call) => json('pinHostKeys', { ref, json: {} }, call),
    logs: (ref, query = {}, call) => readLogs(transport, ref, query, call),
    stream: (ref, open, call = {}) => openVmStream(transport, ref, open, call),

    listImages: async (call) => (await json('listImages', {}, call)).items,
    pullImage: (body, call) => operation('pullImage', { json: body }, call),
    loadImage: async (stream, query = {}, call) =>
      (await operation('loadImage', { query, stream }, call)).items,
    importRootfs: (stream, { config, ...query }, call) =>
      operation(
        'importRootfs',
        { query: { ...query, config: config && JSON.stringify(config) }, stream },
        call,
      ),
    pushImage: (body, call) => operation('pushImage', { json: body }, call),
    saveImages: (body, call) =>
      readBytes(transport, { ...requestOf('saveImages', { json: body }, call), timeoutMs: 0 }),
    pruneImages: (body, call) => operation('pruneImages', { json: body }, call),
    checkLogin: (body, call) => json('checkLogin', { json: body, timeoutMs: LOGIN_TIMEOUT_MS }, call),
    makeImage: (body, call) => operation('makeImage', { json: body }, call),
    tagImage: (body, call) => json('tagImage', { json: body }, call),
    inspectImage: (ref, call) => json('inspectImage', { ref }, call),
    removeImage: (ref, query = {}, call) => json('removeImage', { ref, ...remove(query.force) }, call),

    listKernels: async (call) => (await json('listKernels', {}, call)).items,
    importKernel: (body, call) => operation('importKernel', { json: body }, call),
    loadKernel: (stream, query, call) => operation('loadKernel', { query, stream }, call),
    inspectKernel: (ref, call) => json('inspectKernel', { ref }, call),
    removeKernel: (ref, query = {}, call) => json('removeKernel', { ref, ...remove(query.force) }, call),

    checkNetwork: (ref, body, call) => json('checkNetwork', { ref, json: body }, call),
    deniedByNetwork: (ref, call) => json('deniedByNetwork', { ref }, call),
    listNetworks: async (call) => (await json('listNetworks', {}, call)).items,
    createNetwork: (body, call) => json('createNetwork', { json: body }, call),
    inspectNetwork: (ref, call) => json('inspectNetwork', { ref }, call),
    removeNetwork: (ref, call) => json('removeNetwork', { ref }, call),

    listVolumes: async (call) => (await json('listVolumes', {}, call)).items,
    createVolume: (body, call) => json('createVolume', { json: body, timeoutMs: VOLUME_TIMEOUT_MS }, call),
    inspectVolume: (ref, call) => json('inspectVolume', { ref }, call),
    resizeVolume: (ref, body, call) =>
      json('resizeVolume', { ref, json: body, timeoutMs: VOLUME_TIMEOUT_MS }, call),
    removeVolume: (ref, call) => json('removeVolume', { ref, timeoutMs: VOLUME_TIMEOUT_MS }, call),
    pruneVolumes: (body, call) => json('pruneVolumes', { json: body, timeoutMs: VOLUME_TIMEOUT_MS }, call),
  };
}

interface Parts {
  readonly ref?: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly json?: unknown;
  readonly stream?: Readable;
  readonly timeoutMs?: number;
}

function requestOf(id: OperationId, parts: Parts, call: CallOptions | undefined) {
  const { ref, query, ...rest } = parts;
  return {
    method: paths[id].method,
    path: buildPath(id, ref === undefined ? {} : { ref }, query),
    ...rest,
    signal: call?.signal,
  };
}

/** Results are the daemon's own, checked there against the schemas their types come from. */
function jsonCaller(transport: Transport) {
  return async <K extends OperationId>(
    id: K,
    parts: Parts,
    call?: CallOptions,
  ): Promise<ResultDocument<K>> => {
    const answer = await sendRequest(transport, requestOf(id, parts, call));
    return parseJson(await readText(answer)) as ResultDocument<K>;
  };
}

function operationCaller(transport: Transport) {
  return async <K extends OperationId>(
    id: K,
    parts: Parts,
    call?: OperationOptions,
  ): Promise<ResultDocument<K>> =>
    (await readOperation(
      transport,
      { ...requestOf(id, parts, call), timeoutMs: 0 },
      call?.report,
    )) as ResultDocument<K>;
}

async function* readEvents(
  transport: Transport,
  query: { readonly since?: number; readonly follow?: boolean },
  call: CallOptions | undefined,
): AsyncGenerator<EventBody, void, undefined> {
  for await (const line of readLines(transport, requestOf('events', { query }, call)))
    yield line as EventBody;
}

function readLogs(transport: Transport, ref: string, query: LogQuery, call: CallOptions | undefined) {
  return readLog(transport, requestOf('logs', { ref, query: { ...query } }, call));
}

function openVmStream(transport: Transport, ref: string, open: OpenRequest, call: StreamOptions) {
  const { timeoutSeconds, signal } = call;
  return openStream(transport, {
    path: buildPath('stream', { ref }, { timeoutSeconds }),
    open,
    timeoutMs: UPGRADE_TIMEOUT_MS + (timeoutSeconds ?? 0) * 1000,
    signal,
  });
}
