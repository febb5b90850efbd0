// The operations of the HTTP API as data: method, path and the shape of the answer. Plain data without zod, so
// that the client and the CLI start quickly; the schemas of the bodies are in `bodies.ts`.
import { IgniteError } from '../errors/error.ts';

/**
 * `json`: one document. `operation`: NDJSON of `OperationLine`. `frames`: LOG frames. `events`: NDJSON of events.
 * `bytes`: a file.
 * `upgrade`: the connection becomes a stream of the guest link's frames.
 */
export type AnswerKind = 'json' | 'operation' | 'frames' | 'events' | 'bytes' | 'upgrade';

/** What the request carries in addition to path and query. */
export type RequestKind = 'none' | 'json' | 'bytes';

export interface Path {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `{ref}` is URL-encoded, slashes too. */
  readonly path: string;
  readonly request: RequestKind;
  readonly answer: AnswerKind;
  readonly tag: 'system' | 'vms' | 'sources' | 'images' | 'kernels' | 'volumes' | 'networks';
  readonly summary: string;
}

/** Every operation by its id. */
export const paths = {
  ping: get('/v1/ping', 'system', 'Whether the daemon answers'),
  version: get('/v1/version', 'system', 'Version of the daemon and of its API'),
  info: get('/v1/info', 'system', 'State directory, counts, what the host can do'),
  shutdown: post('/v1/system/shutdown', 'system', 'End the daemon; VMs keep running, or are stopped first'),
  diskUse: get('/v1/system/df', 'system', 'What images, VMs, volumes and kernels take on the disk'),
  gc: operation('/v1/system/gc', 'system', 'Find, and remove, what carries our mark and belongs to nothing'),
  repair: operation(
    '/v1/system/repair',
    'system',
    'Make broken VMs whole from their backups and from the host',
  ),
  events: get('/v1/events', 'system', 'What happened, from a number on', 'events'),

  listVms: get('/v1/vms', 'vms', 'List VMs'),
  createVm: operation('/v1/vms', 'vms', 'Make a VM'),
  uploadFiles: operation('/v1/files', 'vms', 'Keep files for a VM that is about to be made', 'bytes'),
  inspectVm: get('/v1/vms/{ref}', 'vms', 'One VM'),
  removeVm: remove('/v1/vms/{ref}', 'vms', 'Remove a VM and its disk'),
  startVm: operation('/v1/vms/{ref}/start', 'vms', 'Start a VM'),
  stopVm: operation('/v1/vms/{ref}/stop', 'vms', 'Ask the guest to end, then end it'),
  killVm: post('/v1/vms/{ref}/kill', 'vms', 'End a VM at once, or signal its command'),
  pauseVm: post('/v1/vms/{ref}/pause', 'vms', 'Halt the processors of a VM'),
  unpauseVm: post('/v1/vms/{ref}/unpause', 'vms', 'Let the processors of a VM run again'),
  renameVm: post('/v1/vms/{ref}/rename', 'vms', 'Give a VM another name'),
  statsVm: get('/v1/vms/{ref}/stats', 'vms', 'What a VM uses now, on the host and inside'),
  topVm: get('/v1/vms/{ref}/top', 'vms', 'Processes in the guest'),
  updateVm: post('/v1/vms/{ref}/update', 'vms', 'Change size and caps of a VM'),
  waitVm: post('/v1/vms/{ref}/wait', 'vms', 'Wait until a VM is stopped or removed'),
  protectVm: post('/v1/vms/{ref}/protect', 'vms', 'Guard a VM against removal, or no longer'),
  resumeVm: operation('/v1/vms/{ref}/resume', 'vms', 'Let a held VM follow its manifest again'),
  apply: operation('/v1/apply', 'vms', 'Make VMs as declared'),
  pinHostKeys: post('/v1/vms/{ref}/ssh', 'vms', 'Pin the keys that its SSH server has now'),
  sshAccess: get('/v1/vms/{ref}/ssh', 'vms', 'Address and key to reach a VM by SSH'),
  logs: get('/v1/vms/{ref}/logs', 'vms', 'What a VM wrote', 'frames'),
  stream: {
    method: 'POST',
    path: '/v1/vms/{ref}/stream',
    request: 'none',
    answer: 'upgrade',
    tag: 'vms',
    summary: 'exec, copy, attach, console: one stream of frames (Upgrade: ignite-stream)',
  },

  attachSource: operation('/v1/sources', 'sources', 'Watch a folder or repository until the client goes'),
  listSources: get('/v1/sources', 'sources', 'Sources and what became of them'),
  approveSource: post(
    '/v1/sources/{ref}/approve',
    'sources',
    'Allow what waits: a removal, VMs that are to be made anew',
  ),
  syncSource: operation('/v1/sources/{ref}/sync', 'sources', 'Look at a source now'),

  listImages: get('/v1/images', 'images', 'List images'),
  pullImage: operation('/v1/images/pull', 'images', 'Fetch an image from its registry'),
  loadImage: operation('/v1/images/load', 'images', 'Take images from an archive', 'bytes'),
  importRootfs: operation(
    '/v1/images/import',
    'images',
    'Make an image of a tar of a root file system',
    'bytes',
  ),
  makeImage: operation('/v1/images/make', 'images', 'Build a machine image from distribution packages'),
  tagImage: post('/v1/images/tag', 'images', 'Give an image another name'),
  pushImage: operation('/v1/images/push', 'images', 'Upload an image to a registry'),
  saveImages: {
    method: 'POST',
    path: '/v1/images/save',
    request: 'json',
    answer: 'bytes',
    tag: 'images',
    summary: 'Images as one OCI archive, which docker load reads too',
  },
  pruneImages: operation('/v1/images/prune', 'images', 'Remove images that nothing uses'),
  checkLogin: post('/v1/images/login', 'images', 'Whether a registry takes credentials; nothing is kept'),
  inspectImage: get('/v1/images/{ref}', 'images', 'One image'),
  removeImage: remove('/v1/images/{ref}', 'images', 'Remove an image'),

  listKernels: get('/v1/kernels', 'kernels', 'List kernels'),
  importKernel: operation('/v1/kernels/import', 'kernels', 'Take a kernel from a package or an image'),
  loadKernel: operation('/v1/kernels/load', 'kernels', 'Take a kernel from a file', 'bytes'),
  inspectKernel: get('/v1/kernels/{ref}', 'kernels', 'One kernel'),
  removeKernel: remove('/v1/kernels/{ref}', 'kernels', 'Remove a kernel'),

  listVolumes: get('/v1/volumes', 'volumes', 'List volumes'),
  createVolume: post('/v1/volumes', 'volumes', 'Make a volume'),
  pruneVolumes: post('/v1/volumes/prune', 'volumes', 'Remove volumes that no VM names'),
  inspectVolume: get('/v1/volumes/{ref}', 'volumes', 'One volume'),
  resizeVolume: post('/v1/volumes/{ref}/resize', 'volumes', 'Enlarge a volume'),
  removeVolume: remove('/v1/volumes/{ref}', 'volumes', 'Remove a volume and its content'),

  checkNetwork: post('/v1/vms/{ref}/network-check', 'networks', 'Every hop between a VM and the internet'),
  deniedByNetwork: get('/v1/vms/{ref}/denied', 'networks', 'What its network policy refused a VM'),
  listNetworks: get('/v1/networks', 'networks', 'List networks'),
  createNetwork: post('/v1/networks', 'networks', 'Make a network'),
  inspectNetwork: get('/v1/networks/{ref}', 'networks', 'One network'),
  removeNetwork: remove('/v1/networks/{ref}', 'networks', 'Remove a network that no VM is bound to'),
} as const satisfies Readonly<Record<string, Path>>;

export type OperationId = keyof typeof paths;

/** The value of the header `Upgrade` on `stream`. */
export const UPGRADE_PROTOCOL = 'ignite-stream';

/** Fills `{ref}` in and adds the query; absent values are left out. */
export function buildPath(
  id: OperationId,
  parameters: { readonly ref?: string } = {},
  query: Readonly<Record<string, string | number | boolean | undefined>> = {},
): string {
  const { path: pattern, tag } = paths[id];
  if (parameters.ref === '') throw new IgniteError('api/not-found', `An empty word names no ${NOUNS[tag]}`);
  const path = pattern.replace('{ref}', () => encodeURIComponent(parameters.ref ?? ''));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

const NOUNS: Readonly<Record<Path['tag'], string>> = {
  system: 'object',
  vms: 'VM',
  sources: 'source',
  images: 'image',
  kernels: 'kernel',
  volumes: 'volume',
  networks: 'network',
};

function get<const A extends AnswerKind = 'json'>(
  path: string,
  tag: Path['tag'],
  summary: string,
  answer?: A,
) {
  return {
    method: 'GET',
    path,
    request: 'none',
    answer: (answer ?? 'json') as A,
    tag,
    summary,
  } as const satisfies Path;
}

function post(path: string, tag: Path['tag'], summary: string) {
  return { method: 'POST', path, request: 'json', answer: 'json', tag, summary } as const satisfies Path;
}

function remove(path: string, tag: Path['tag'], summary: string) {
  return { method: 'DELETE', path, request: 'none', answer: 'json', tag, summary } as const satisfies Path;
}

function operation(path: string, tag: Path['tag'], summary: string, request: 'json' | 'bytes' = 'json') {
  return { method: 'POST', path, request, answer: 'operation', tag, summary } as const satisfies Path;
}
