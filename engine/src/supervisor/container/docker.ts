// Containers of Docker's, by its Engine API (https://docs.docker.com/reference/api/engine/).
import { readFile } from 'node:fs/promises';
import { IgniteError } from '@ignite/api';
import { normalizeReference } from '@ignite/api/references';
import {
  createFromProgram,
  type DockerAnswer,
  type DockerApi,
  dockerApi,
  dockerMessage,
  fieldOf,
  programImage,
  removeContainer,
} from '../../host/index.ts';
import {
  CAPABILITIES,
  type ContainerRuntime,
  type ContainerSpec,
  LABELS,
  PROGRAM,
  PULL_MS,
  REPOSITORY,
} from './runtime.ts';

/** An ended container's removal is a matter of moments, unless the host has too much to do. */
const REMOVE_ATTEMPTS = 600;
const BETWEEN_MS = 50;

interface DockerOptions {
  readonly socket: string;
  /** Path of ignite-spawn. */
  readonly program: string;
}

/** Docker behind a socket. Nothing is touched before a VM asks for it. */
export function dockerRuntime({ socket, program }: DockerOptions): ContainerRuntime {
  const api = dockerApi(socket, 'supervisor/no-runtime');
  return {
    name: 'docker',
    check: async (signal) => void (await ok(api({ method: 'GET', path: '/version', signal }), 'answers')),
    run: async (spec, signal) => {
      const made =
        spec.image === undefined
          ? await createFromOurs(api, spec, program, signal)
          : await createFromTheirs(api, spec, normalizeReference(spec.image), program, signal);
      if (made.status !== 201) throw refused(`does not make the container ${spec.name}`, made);
      const started = await api({ method: 'POST', path: `/containers/${spec.name}/start`, signal });
      if (started.status !== 204) throw refused(`does not start the container ${spec.name}`, started);
    },
    ended: async (name, signal) => {
      const answer = await api({ method: 'POST', path: `/containers/${name}/wait`, signal });
      if (answer.status !== 200 && answer.status !== 404) throw refused(`does not wait for ${name}`, answer); // 404: somebody removed it
    },
    remove: async (name, signal) => {
      await removeWholly(api, name, signal);
      const { reference } = programImage(REPOSITORY, PROGRAM, await readFile(program));
      await api({ method: 'DELETE', path: `/images/${reference}`, signal }); // stays while a container has it
    },
    list: async (instance, signal) => {
      const filters = encodeURIComponent(
        JSON.stringify({ label: [`${LABELS.instance}=${instance}`, LABELS.slot] }),
      );
      const path = `/containers/json?all=true&filters=${filters}`;
      const { body } = await ok(api({ method: 'GET', path, signal }), 'tells of its containers');
      return Array.isArray(body) ? body.flatMap(foundOf) : [];
    },
  };
}

async function createFromOurs(
  api: DockerApi,
  spec: ContainerSpec,
  program: string,
  signal: AbortSignal,
): Promise<DockerAnswer> {
  const image = programImage(REPOSITORY, PROGRAM, await readFile(program));
  return createFromProgram(api, image, { name: spec.name, body: containerOf(spec) }, signal);
}

/**
 * An image of the user's is pulled by Docker where it lacks it; the supervisor in it is ours all the same.
 * @param image with a tag or digest: without one Docker would pull all tags
 */
async function createFromTheirs(
  api: DockerApi,
  spec: ContainerSpec,
  image: string,
  program: string,
  signal: AbortSignal,
): Promise<DockerAnswer> {
  const known = await api({ method: 'GET', path: `/images/${encodeURIComponent(image)}/json`, signal });
  if (known.status !== 200) {
    const path = `/images/create?fromImage=${encodeURIComponent(image)}`;
    const pulled = await api({ method: 'POST', path, signal, timeoutMs: PULL_MS });
    const problem = fieldOf(pulled.body, 'error'); // what goes wrong later comes in the stream
    const why = pulled.status === 200 ? problem : dockerMessage(pulled);
    if (typeof why === 'string')
      throw new IgniteError('supervisor/no-sandbox-image', `Docker does not pull ${image}: ${why}`);
  }
  const mounts = [...spec.view.mounts, { source: program, target: `/${PROGRAM}`, writable: false }];
  const body = { ...containerOf({ ...spec, view: { ...spec.view, mounts } }), Image: image };
  return api({ method: 'POST', path: `/containers/create?name=${spec.name}`, body, signal });
}

/**
 * The supervisor needs its mounts, so that AppArmor's and seccomp's usual profiles for containers, which forbid them, do
 * not fit; the VMM gets its own confinement from it. Its control groups are the VM's, by the host's names. It does
 * nothing on SIGTERM, as elsewhere: `docker stop` ends it at once rather than after a wait in vain.
 */
function containerOf({ env, labels, network, view, words }: ContainerSpec) {
  return {
    Entrypoint: [`/${PROGRAM}`, ...words],
    Cmd: [],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    WorkingDir: '/',
    User: '0:0',
    StopSignal: 'SIGKILL',
    Healthcheck: { Test: ['NONE'] }, // the image's own would run its programs next to the VMM again and again
    HostConfig: {
      NetworkMode: typeof network === 'string' ? network : `container:${network.container}`,
      Mounts: view.mounts.map(({ source, target, writable }) => ({
        Type: 'bind',
        Source: source,
        Target: target,
        ReadOnly: !writable,
      })),
      Devices: view.devices.map((path) => ({
        PathOnHost: path,
        PathInContainer: path,
        CgroupPermissions: 'rwm',
      })),
      CapAdd: CAPABILITIES,
      SecurityOpt: ['apparmor=unconfined', 'seccomp=unconfined'],
      CgroupnsMode: 'host',
      ReadonlyRootfs: true,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'none' },
    },
  };
}

async function removeWholly(api: DockerApi, name: string, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const said = await removeContainer(api, name, signal);
    if (said !== undefined)
      throw new IgniteError(
        'supervisor/runtime-refused',
        `Docker does not remove the container ${name}: ${said}`,
      );
    const { status } = await api({ method: 'GET', path: `/containers/${name}/json`, signal });
    if (status === 404) return;
    if (attempt === REMOVE_ATTEMPTS)
      throw new IgniteError('supervisor/runtime-refused', `Docker still has the container ${name}`);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS)); // somebody else removes it just now
  }
}

function foundOf(row: unknown) {
  const names = fieldOf(row, 'Names');
  const name: unknown = Array.isArray(names) ? names[0] : undefined;
  const slot = Number(fieldOf(fieldOf(row, 'Labels'), LABELS.slot));
  return typeof name === 'string' && Number.isInteger(slot) ? [{ name: name.replace(/^\//, ''), slot }] : [];
}

async function ok(asked: Promise<DockerAnswer>, what: string): Promise<DockerAnswer> {
  const answer = await asked;
  if (answer.status === 200) return answer;
  throw refused(`does not do what it is asked (${what})`, answer);
}

function refused(what: string, answer: DockerAnswer): IgniteError {
  return new IgniteError('supervisor/runtime-refused', `Docker ${what}: ${dockerMessage(answer)}`);
}
