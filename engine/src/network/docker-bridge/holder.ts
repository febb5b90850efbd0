// The container that holds a VM's place on Docker's bridge: Docker gives its address to nobody else, publishes its
// ports, and removes both with it. In it one program of ours waits; the image is that program and nothing else.
import { IgniteError } from '@ignite/api';
import {
  createFromProgram,
  type DockerAnswer,
  type DockerApi,
  dockerMessage,
  fieldOf,
  programImage,
  removeContainer,
} from '../../host/index.ts';
import type { PortMapping } from '../port.ts';

export interface Holder {
  /** Name of the container. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly PortMapping[];
}

/** The container of a VM's place. */
export function holderOf(
  name: string,
  { vmName, vmUid, instance }: { readonly vmName: string; readonly vmUid: string; readonly instance: string },
  ports: readonly PortMapping[],
): Holder {
  const labels = { 'ignite.name': vmName, 'ignite.uid': vmUid, [INSTANCE_LABEL]: instance };
  return { name, labels, ports };
}

/** A container that runs. */
interface RunningHolder {
  readonly pid: number;
}

const REPOSITORY = 'ignite-hold';
const PROGRAM = 'hold';
/** Label that says whose a container is. */
const INSTANCE_LABEL = 'ignite.instance';

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
  const made = await createFromProgram(
    api,
    programImage(REPOSITORY, PROGRAM, program),
    { name: holder.name, body: containerOf(holder) },
    signal,
  );
  if (made.status !== 201) throw refused(`does not make the container ${holder.name}`, made);
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

function containerOf({ labels, ports }: Holder): object {
  const key = ({ vmPort, protocol }: PortMapping) => `${vmPort}/${protocol}`;
  const bindings: Record<string, object[]> = {};
  for (const port of ports)
    (bindings[key(port)] ??= []).push({ HostIp: port.bindAddress ?? '', HostPort: String(port.hostPort) });
  return {
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

/** Address of a container on Docker's default bridge; undefined where it has none. */
export async function addressOf(
  api: DockerApi,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { body } = await api({ method: 'GET', path: `/containers/${name}/json`, signal });
  const bridge = ['NetworkSettings', 'Networks', 'bridge'].reduce(fieldOf, body);
  const address = fieldOf(bridge, 'IPAddress');
  return typeof address === 'string' && address !== '' ? address : undefined;
}

/** Addresses that containers have on Docker's default bridge; undefined where Docker does not say. */
export async function takenAddresses(
  api: DockerApi,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const { status, body } = await api({ method: 'GET', path: '/networks/bridge', signal });
  const containers = fieldOf(body, 'Containers');
  if (status !== 200 || typeof containers !== 'object' || containers === null) return undefined;
  return new Set(
    Object.values(containers).map((one) => String(fieldOf(one, 'IPv4Address')).replace(/\/.*$/, '')),
  );
}

/** Names of the containers of an engine that run. */
export async function runningHolders(
  api: DockerApi,
  instance: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${INSTANCE_LABEL}=${instance}`] }));
  const answer = await api({ method: 'GET', path: `/containers/json?filters=${filters}`, signal });
  if (answer.status !== 200 || !Array.isArray(answer.body)) throw refused('does not list containers', answer);
  return new Set(
    answer.body.flatMap((container: unknown) => {
      const names = fieldOf(container, 'Names');
      return Array.isArray(names) ? names.map((name) => String(name).replace(/^\//, '')) : [];
    }),
  );
}

function pidOf(body: unknown): number | undefined {
  const state = fieldOf(body, 'State');
  const pid = fieldOf(state, 'Pid');
  return fieldOf(state, 'Running') === true && typeof pid === 'number' && pid > 0 ? pid : undefined;
}

/** Removes the container, and the image where no other container has it. No container is no error. */
export async function removeHolder(
  api: DockerApi,
  name: string,
  program: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const said = await removeContainer(api, name, signal);
  if (said !== undefined)
    throw new IgniteError('network/docker-refused', `Docker does not remove the container ${name}: ${said}`);
  const { reference } = programImage(REPOSITORY, PROGRAM, program);
  await api({ method: 'DELETE', path: `/images/${reference}`, signal });
}

function refused(what: string, answer: DockerAnswer): IgniteError {
  return new IgniteError('network/docker-refused', `Docker ${what}: ${dockerMessage(answer)}`);
}
