// The container that holds a VM's place on Docker's bridge: Docker gives its address to nobody else, publishes its
// ports, and removes both with it. In it one program of ours waits; the image is that program and nothing else.
import { createHash } from 'node:crypto';
import { writeTar } from '@ignite/archive';
import { IgniteError } from '@ignite/api';
import type { PortMapping } from '../port.ts';
import { type DockerAnswer, type DockerApi, dockerMessage } from './docker-api.ts';

export interface Holder {
  /** Name of the container. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly PortMapping[];
}

/** A container that runs. */
export interface RunningHolder {
  readonly pid: number;
}

const REPOSITORY = 'ignite-hold';
const PROGRAM = 'hold';
/** Another VM's end may take the image away between our look and our use of it. */
const ATTEMPTS = 5;

/**
 * Makes and starts the container.
 * @param program bytes of a static program that waits when called with `--hold`
 * @throws IgniteError `network/docker-refused`, `network/no-docker`
 */
export async function startHolder(
  api: DockerApi,
  holder: Holder,
  program: Uint8Array,
  signal: AbortSignal,
): Promise<RunningHolder> {
  await create(api, holder, program, signal);
  const started = await api({ method: 'POST', path: `/containers/${holder.name}/start`, signal });
  if (started.status !== 204) throw refused(`does not start the container ${holder.name}`, started);
  const running = await findHolder(api, holder.name, signal);
  if (running === undefined || running === 'ended')
    throw new IgniteError(
      'network/docker-refused',
      `The container ${holder.name} ended as soon as Docker started it`,
    );
  return running;
}

async function create(
  api: DockerApi,
  holder: Holder,
  program: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const image = imageOf(program);
  const path = `/containers/create?name=${holder.name}`;
  const body = containerOf(holder, image);
  for (let attempt = 1; ; attempt += 1) {
    await ensureImage(api, image, program, signal);
    const answer = await api({ method: 'POST', path, body, signal });
    if (answer.status === 201) return;
    if (answer.status !== 404 || attempt === ATTEMPTS)
      throw refused(`does not make the container ${holder.name}`, answer);
  }
}

/** A new program is a new image. */
function imageOf(program: Uint8Array): string {
  return `${REPOSITORY}:${createHash('sha256').update(program).digest('hex').slice(0, 12)}`;
}

async function ensureImage(
  api: DockerApi,
  image: string,
  program: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const known = await api({ method: 'GET', path: `/images/${image}/json`, signal });
  if (known.status === 200) return;
  const [repository = '', tag = ''] = image.split(':');
  const path = `/images/create?fromSrc=-&repo=${repository}&tag=${tag}`;
  const answer = await api({ method: 'POST', path, body: await archiveOf(program), signal });
  if (answer.status !== 200) throw refused('does not take our image', answer);
}

async function archiveOf(program: Uint8Array): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const entry = {
    type: 'file',
    name: PROGRAM,
    mode: 0o755,
    size: program.length,
    content: [program],
  } as const;
  for await (const piece of writeTar([entry])) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

function containerOf({ labels, ports }: Holder, image: string): object {
  const key = ({ vmPort, protocol }: PortMapping) => `${vmPort}/${protocol}`;
  const bindings: Record<string, object[]> = {};
  for (const port of ports)
    (bindings[key(port)] ??= []).push({ HostIp: port.bindAddress ?? '', HostPort: String(port.hostPort) });
  return {
    Image: image,
    Entrypoint: [`/${PROGRAM}`, '--hold'],
    User: '65534:65534',
    Labels: labels,
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    HostConfig: {
      NetworkMode: 'bridge',
      PortBindings: bindings,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      LogConfig: { Type: 'none' },
    },
  };
}

/** The container: its process, `ended`, or undefined where there is none. */
export async function findHolder(
  api: DockerApi,
  name: string,
  signal: AbortSignal,
): Promise<RunningHolder | 'ended' | undefined> {
  const answer = await api({ method: 'GET', path: `/containers/${name}/json`, signal });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refused(`does not tell of the container ${name}`, answer);
  const pid = pidOf(answer.body);
  return pid === undefined ? 'ended' : { pid };
}

function pidOf(body: unknown): number | undefined {
  const state = fieldOf(body, 'State');
  const pid = fieldOf(state, 'Pid');
  return fieldOf(state, 'Running') === true && typeof pid === 'number' && pid > 0 ? pid : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

/** Removes the container, and the image where no other container has it. No container is no error. */
export async function removeHolder(
  api: DockerApi,
  name: string,
  program: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const answer = await api({ method: 'DELETE', path: `/containers/${name}?force=true&v=true`, signal });
  // 409: it is being removed already; the next look sees whether it went.
  if (![204, 404, 409].includes(answer.status))
    throw refused(`does not remove the container ${name}`, answer);
  await api({ method: 'DELETE', path: `/images/${imageOf(program)}`, signal });
}

function refused(what: string, answer: DockerAnswer): IgniteError {
  return new IgniteError('network/docker-refused', `Docker ${what}: ${dockerMessage(answer)}`);
}
