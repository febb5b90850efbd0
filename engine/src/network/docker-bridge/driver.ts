// The `docker-bridge` driver: a container holds the VM's place on Docker's default bridge, and the guest takes over the
// container's interface, in the container's own namespace.
import { readFile } from 'node:fs/promises';
import { IgniteError } from '@ignite/api';
import { type Commands, type DockerApi, dockerApi, dockerMessage } from '../../host/index.ts';
import { choosePorts, listenersFor, refuseForeignAddresses } from '../choose-ports.ts';
import { markGone } from '../given/claims.ts';
import { handOver, tapsOf } from '../given/hand-over.ts';
import { isJoined } from '../given/redirect.ts';
import { nameSpace, removeSpace, spaceExists, spaceOf } from '../given/space.ts';
import { refuseHeldPorts } from '../held-ports.ts';
import { networkNames } from '../names.ts';
import type { AttachContext, DockerNic, GivenNetwork } from '../port.ts';
import { explained } from '../refusals.ts';
import type { ReadText } from '../resolvers.ts';
import { findHolder, holderOf, removeHolder, startHolder } from './holder.ts';
import { lookAtPlaces } from './look.ts';
import { createSeats } from './seats.ts';

interface DockerBridgeOptions {
  readonly commands: Commands;
  /** The engine's random instance id and its number on this host (format.json). */
  readonly instance: string;
  readonly ordinal: number;
  /** Path of Docker's socket. */
  readonly socket: string;
  /** Path of the static program that waits when called with `--hold`. */
  readonly program: string;
  readonly readText: ReadText;
}

/** For taking back what an attach made that failed or was cancelled. */
const UNDO_MS = 60_000;

const LOOK_MS = 60_000;

interface Parts extends DockerBridgeOptions {
  readonly api: DockerApi;
}

/** Docker's default bridge. Nothing is touched before a VM asks for it. */
export function createDockerBridge(options: DockerBridgeOptions): GivenNetwork<DockerNic> {
  const parts: Parts = { ...options, api: dockerApi(options.socket, 'network/no-docker') };
  const { commands, api, instance, ordinal } = parts;
  const seats = createSeats();
  const looking = { commands, api, instance, ordinal, seats, program: () => readFile(options.program) };
  const space = (slot: number) => spaceOf(instance, ordinal, slot);
  return {
    bind: async (request, taken, signal) => {
      await requireBridge(api, signal);
      await refuseForeignAddresses(commands, request.ports, signal);
      const listeners = await listenersFor(commands, request.ports, signal);
      const ports = choosePorts(request, taken, listeners);
      return { mode: 'docker-bridge', network: 'docker-bridge', ports };
    },
    attach: (nic, context) => {
      const seat = seats(context.slot);
      return seat.queue(async () => {
        seat.seating = 'left';
        const taps = await attachAnew(parts, nic, context);
        seat.seating = 'taken';
        return taps;
      });
    },
    look: (nics) => lookAtPlaces(looking, nics, AbortSignal.timeout(LOOK_MS)),
    placeOf: (nic, { slot }) => tapsOf(space(slot), nic),
    detach: (_nic, context) => {
      const seat = seats(context.slot);
      seat.seating = 'left';
      return seat.queue(() => detach(parts, context));
    },
    observe: async ({ given }, { slot }, signal) => {
      const { name } = space(slot);
      const [holder, there] = await Promise.all([
        findHolder(api, name, signal),
        spaceExists(commands, space(slot), signal),
      ]);
      if (holder === undefined && !there) return 'absent';
      const whole = holder !== undefined && holder !== 'ended' && there && given !== undefined;
      return whole && (await isJoined(commands, space(slot), given, signal)) ? 'attached' : 'partial';
    },
  };
}

/** What an earlier attach left goes first, and what this one made where it fails. */
async function attachAnew(parts: Parts, nic: DockerNic, context: AttachContext) {
  const { commands, instance, ordinal } = parts;
  await detach(parts, context);
  await refuseHeldPorts(commands, nic.ports, context, networkNames(instance, ordinal).table);
  try {
    return await attach(parts, nic, context);
  } catch (cause) {
    const undo = { ...context, signal: AbortSignal.timeout(UNDO_MS) };
    await detach(parts, undo).catch(() => {}); // its claims stay for the next look
    throw explained(cause, `The network interface of VM ${context.vmName}`);
  }
}

async function attach(parts: Parts, nic: DockerNic, context: AttachContext) {
  const { commands, api, instance, ordinal, readText } = parts;
  const { signal, claims } = context;
  const space = spaceOf(instance, ordinal, context.slot);
  for (const resource of resourcesOf(space.name)) await claims.claim(resource);
  const { vmName, vmUid } = context;
  const program = await readFile(parts.program);
  const holder = holderOf(space.name, { vmName, vmUid, instance }, nic.ports);
  const { pid } = await startHolder(api, holder, program, signal);
  await nameSpace(commands, space, pid, signal);
  await sameHolder(api, space.name, pid, signal);
  const given = await handOver({ commands, space, network: "Docker's bridge", dns: [], readText }, context);
  for (const resource of resourcesOf(space.name)) await claims.made(resource);
  return tapsOf(space, { ...nic, given });
}

/** A pid is somebody else's as soon as its process has ended: only what ran before and after is the same. */
async function sameHolder(api: DockerApi, name: string, pid: number, signal: AbortSignal): Promise<void> {
  const now = await findHolder(api, name, signal);
  if (now === undefined || now === 'ended' || now.pid !== pid)
    throw new IgniteError(
      'network/docker-refused',
      `The container ${name} ended while the VM was joined to it`,
    );
}

async function detach(parts: Parts, { slot, claims, signal }: AttachContext): Promise<void> {
  const { commands, api, instance, ordinal } = parts;
  const space = spaceOf(instance, ordinal, slot);
  await removeHolder(api, space.name, await readFile(parts.program), signal);
  await removeSpace(commands, space, signal);
  await markGone(claims, resourcesOf(space.name));
}

function resourcesOf(name: string) {
  return [
    { kind: 'container', name },
    { kind: 'netns', name },
  ] as const;
}

/** @throws IgniteError `network/no-docker` */
async function requireBridge(api: DockerApi, signal: AbortSignal): Promise<void> {
  const answer = await api({ method: 'GET', path: '/networks/bridge', signal });
  if (answer.status !== 200)
    throw new IgniteError('network/no-docker', `Docker has no default bridge: ${dockerMessage(answer)}`);
}
