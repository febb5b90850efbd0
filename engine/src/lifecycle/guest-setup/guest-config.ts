// The configuration that a guest gets at a start, as a pure function of the record, the image and the seed.
import type { VmmCapabilities } from '../../vmm/port.ts';
import type { ImageRecord } from '../../images/port.ts';
import type { GuestConfig } from '../../guest/port.ts';
import { type GuestInterface, interfacesOf } from '../../network/index.ts';
import { effectiveCommand, effectiveEnvironment } from './app-command.ts';
import { initOf } from './boot-mode.ts';
import { FILES_DRIVE, MODULES_DRIVE, ROOT_DRIVE } from '../drives.ts';
import { guestMounts } from './guest-mounts.ts';
import type { Seed } from '../../state/index.ts';
import type { VmRecord } from '@ignite/api';

type GuestNic = GuestConfig['nics'][number];

interface GuestConfigInput {
  readonly record: VmRecord;
  readonly image: ImageRecord;
  readonly seed: Seed;
  /** 16 random bytes as hex; proves that what arrives on `facts` comes from this boot's init. */
  readonly bootToken: string;
  readonly hasModulesDrive: boolean;
  /** There is a drive with files for the first start. */
  readonly hasFilesDrive: boolean;
  /** Files of the seed are wanted: no start has succeeded yet. */
  readonly firstStart: boolean;
  readonly now: Date;
  /** How this VM's VMM carries the channels, whether it notices a power-off, and serials it chose by itself. */
  readonly vmm: Pick<GuestConfig, 'channels' | 'serials'> &
    Pick<VmmCapabilities, 'poweroffByAcpi' | 'resetGoesOn'>;
}

/** The configuration that ignite-init reads. */
export function guestConfigOf(input: GuestConfigInput): GuestConfig {
  const { record, image, seed } = input;
  const { spec, bound } = record;
  const system = bound.mode === 'system';
  const interfaces = bound.nics.flatMap((nic, index) =>
    interfacesOf(nic).map(index === 0 ? asIs : withoutWayOut),
  );
  return {
    mode: bound.mode,
    bootToken: input.bootToken,
    hostname: hostnameOf(record),
    machineId: bound.machineId,
    nics: interfaces.map(guestNic),
    dns: [...new Set(interfaces.flatMap(({ dns }) => dns))],
    hosts: interfaces.flatMap(({ address }) =>
      address === undefined ? [] : [{ address, names: [hostnameOf(record)] }],
    ),
    rootDrive: ROOT_DRIVE,
    ...(input.hasModulesDrive ? { modulesDrive: MODULES_DRIVE } : {}),
    ...(input.hasFilesDrive ? { filesDrive: FILES_DRIVE } : {}),
    mounts: guestMounts(record),
    ...(system
      ? { init: initOf(spec, image), initKind: image.init?.kind ?? 'sysv' }
      : { app: appOf(record, image) }),
    authorizedKeys: seed.authorizedKeys,
    files: input.firstStart
      ? seed.files.map(({ content, ...file }) => ({ ...file, content: Buffer.from(content, 'base64') }))
      : [],
    time: Math.floor(input.now.getTime() / 1000),
    powerOff: endsByPowerOff(system, input.vmm) ? 'acpi' : 'reset',
    channels: input.vmm.channels,
    serials: input.vmm.serials,
  };
}

/** A machine ends as it is used to; a command by what is quicker, a reset, unless its VMM would go on after it. */
function endsByPowerOff(
  system: boolean,
  { poweroffByAcpi, resetGoesOn = false }: GuestConfigInput['vmm'],
): boolean {
  return poweroffByAcpi && (system || resetGoesOn);
}

const asIs = (one: GuestInterface) => one;

/** The way out is the first NIC's; a second default route would be taken at random. */
function withoutWayOut({ gateway: _first, ...one }: GuestInterface): GuestInterface {
  return one;
}

function guestNic(one: GuestInterface): GuestNic {
  const { mac, mtu, address, prefixLength, further, gateway, routes } = one;
  return {
    mac,
    mtu,
    ...(address === undefined ? {} : { address, prefixLength: prefixLength ?? 32 }),
    ...(further === undefined ? {} : { further }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(routes === undefined ? {} : { routes }),
  };
}

/** The guest's own name. */
export function hostnameOf(record: VmRecord): string {
  return record.spec.hostname ?? record.metadata.name;
}

function appOf(record: VmRecord, image: ImageRecord): NonNullable<GuestConfig['app']> {
  const { spec } = record;
  return {
    argv: effectiveCommand(spec, image.config),
    env: effectiveEnvironment(image.config.env, spec.env ?? []),
    workdir: spec.workdir ?? (image.config.workdir || '/'),
    user: spec.user ?? image.config.user,
    tty: spec.tty,
    stdin: spec.stdin,
    stopSignal: spec.stopSignal ?? image.config.stopSignal ?? 'SIGTERM',
  };
}
