// All networks of one engine behind one door: what a NIC's mode says decides who serves it.
import { IgniteError } from '@ignite/api';
import type { BridgeNetwork } from './bridge/driver.ts';
import type {
  AttachContext,
  AttachedNic,
  BindRequest,
  BoundNic,
  BridgeNic,
  CniNic,
  DockerNic,
  GivenNetwork,
  GivenNic,
  Network,
  NicPlace,
  PresentNic,
  TakenNic,
  UserNic,
} from './port.ts';
import type { UserNetwork } from './user/index.ts';
import { allDone } from '../work/index.ts';

interface NetworksInput {
  /** Absent where the daemon is not root, as are those made by others. */
  readonly bridge?: BridgeNetwork;
  readonly user: UserNetwork;
  readonly cni?: GivenNetwork<CniNic>;
  readonly docker?: GivenNetwork<DockerNic>;
  /** Of VMs that name none; absent: `bridge`, or `user` where there is none. */
  readonly defaultMode?: Network['defaultMode'];
}

/** One driver, for the NICs of its own mode. */
interface Driver<Nic> {
  bind(request: BindRequest, taken: readonly TakenNic[], signal: AbortSignal): Promise<Nic>;
  attach(nic: Nic, context: AttachContext): Promise<AttachedNic>;
  placeOf(nic: Nic, place: NicPlace, signal: AbortSignal): AttachedNic | Promise<AttachedNic>;
  detach(nic: Nic, context: AttachContext): Promise<void>;
  observe: (
    nic: Nic,
    context: NicPlace & Pick<AttachContext, 'vmUid'>,
    signal: AbortSignal,
  ) => Promise<'attached' | 'partial' | 'absent'>;
}

/** The door of the room. */
export function createNetworks(input: NetworksInput): Network {
  const { bridge } = input;
  const defaultMode = input.defaultMode ?? (bridge === undefined ? 'user' : 'bridge');
  const drivers = driversOf(input);
  return {
    defaultMode,
    bind: async (request, taken, signal) =>
      drivers[request.mode ?? defaultMode]().bind(request, taken, signal),
    attach: async (nic, context) => driverOf(drivers, nic).attach(nic, context),
    placeOf: async (nic, place, signal) => driverOf(drivers, nic).placeOf(nic, place, signal),
    detach: async (nic, context) => driverOf(drivers, nic).detach(nic, context),
    observe: async (nic, context, signal) => driverOf(drivers, nic).observe(nic, context, signal),
    rename: (nic, vmName) => {
      if (nic.mode === 'bridge') bridge?.rename(nic, vmName);
    },
    refresh: () => bridge?.refresh(),
    look: async (nics, signal) => {
      const given = nics().filter(({ pid }) => pid !== undefined); // the others are being attached
      const [, ...lost] = await allDone([
        Promise.resolve(bridge?.look(() => nics().filter(isBridged), signal)),
        lookAt(input.cni, given.filter(isOfCni)),
        lookAt(input.docker, given.filter(isOfDocker)),
      ]);
      return lost.flat();
    },
    rebuild: async (nics, signal) => {
      const bridged = () => nics().filter(isBridged);
      if (bridged().length > 0) await needed('bridge', bridge).rebuild(bridged, signal);
    },
    removeAll: async (signal) => bridge?.removeAll(signal),
    check: async (nic, place, options) => {
      if (nic.mode === 'cni') return (await input.cni?.check?.(nic, place, options.signal)) ?? [];
      return nic.mode === 'bridge' ? needed('bridge', bridge).check(nic, place, options) : [];
    },
    denied: async (nic, signal) =>
      nic.mode === 'bridge' ? needed('bridge', bridge).denied(nic, signal) : { total: 0, rows: [] },
    list: async () => bridge?.list() ?? [],
    create: async (request) => needed('bridge', bridge).create(request),
    remove: async (name) => needed('bridge', bridge).remove(name),
  };
}

type Drivers = { readonly [Nic in BoundNic as Nic['mode']]: () => Driver<Nic> };

function driversOf({ bridge, user, cni, docker }: NetworksInput): Drivers {
  return {
    bridge: () => needed('bridge', bridge),
    user: () => userDriver(user),
    cni: () => needed('cni', cni),
    'docker-bridge': () => needed('docker-bridge', docker),
  };
}

/** The driver of a NIC's mode. */
function driverOf(drivers: Drivers, nic: BoundNic): Driver<BoundNic> {
  return drivers[nic.mode]() as Driver<BoundNic>; // by its mode it is given its own NICs only
}

/** Nothing of a user network is on the host outside of a run. */
function userDriver(user: UserNetwork): Driver<UserNic> {
  return {
    bind: async (request, taken, signal) => user.bind(forUser(request), taken, signal),
    attach: async (nic, { signal }) => {
      await user.check(nic, signal);
      return user.placeOf(nic, signal);
    },
    placeOf: (nic, _place, signal) => user.placeOf(nic, signal),
    detach: async () => {},
    observe: async () => 'absent',
  };
}

/** @throws IgniteError `network/needs-root` for what only a bridge has */
function forUser(request: BindRequest): BindRequest {
  const { network, ip, nic = 0 } = request;
  if (network === undefined && ip === undefined && nic === 0) return request;
  throw new IgniteError(
    'network/needs-root',
    'Fixed addresses, further network interfaces and networks of a name need the network bridge',
  );
}

function needed<T>(mode: string, driver: T | undefined): T {
  if (driver !== undefined) return driver;
  throw new IgniteError('network/needs-root', `The network ${mode} needs root, and this daemon is not root`);
}

function isBridged(present: PresentNic): present is PresentNic<BridgeNic> {
  return present.nic.mode === 'bridge';
}

async function lookAt<Nic extends GivenNic>(
  driver: GivenNetwork<Nic> | undefined,
  nics: readonly PresentNic<Nic>[],
): Promise<readonly string[]> {
  return (nics.length > 0 ? await driver?.look?.(nics) : undefined) ?? [];
}

function isOfDocker(present: PresentNic): present is PresentNic<DockerNic> {
  return present.nic.mode === 'docker-bridge';
}

function isOfCni(present: PresentNic): present is PresentNic<CniNic> {
  return present.nic.mode === 'cni';
}
