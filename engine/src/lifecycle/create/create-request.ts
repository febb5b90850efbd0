// What a request to make a VM means: defaults filled in, and what else the VM is given.
import {
  checkVm,
  DEFAULTS,
  fillSpec,
  type HandlerBody,
  IgniteError,
  layerSpecs,
  type NewVmDefaults,
  type Report,
  type VmRecord,
  type VmSpec,
} from '@ignite/api';
import type { ImageRequest } from '../../images/port.ts';
import type { Seed } from '../../state/index.ts';
import type { BootMode } from '../guest-setup/boot-mode.ts';
import type { Rooms } from '../rooms.ts';
import { makeSshKeyPair } from './ssh-keys.ts';
import type { VmTable } from '../vm-table.ts';

export type CreateVm = HandlerBody<'createVm'>;

/** Whose request it is, and where it is carried out. */
export interface CreateContext {
  readonly rooms: Rooms;
  readonly table: VmTable;
  /** Serialises the choice of addresses. */
  readonly choose: <T>(choice: () => Promise<T>) => Promise<T>;
  readonly vmDefaults: CreateVm['spec'];
  /** Below those: what a VM keeps for life, whatever is the default later (CFG-03). */
  readonly newVms?: NewVmDefaults | undefined;
  /** Who may change it afterwards, and where it reads it (DESIGN D11). */
  readonly manager?: string | undefined;
  readonly origin?: VmRecord['origin'];
  /** Folders below which objects may name paths of the host. */
  readonly hostPaths: readonly string[];
  readonly operation: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** The spec with the defaults below it. @throws IgniteError `api/invalid-object` where it names no image, what checkVm says */
export function filledSpec(request: CreateVm, { vmDefaults, newVms = {}, rooms }: CreateContext): VmSpec {
  const { runtime, networkPlugin = rooms.network.defaultMode } = newVms;
  const builtIn = { network: { mode: networkPlugin }, ...(runtime === undefined ? {} : { runtime }) };
  const layered = layerSpecs(builtIn, vmDefaults, request.spec);
  checkVm({ metadata: request.metadata ?? {}, spec: layered });
  const spec = fillSpec(layered);
  if (spec === undefined) throw new IgniteError('api/invalid-object', 'The VM must name an image');
  return spec;
}

/** An empty word is none, as in the original's manifests. */
export function idPrefixOf({ idPrefix }: CreateVm, { newVms }: CreateContext): string {
  return idPrefix || newVms?.idPrefix || DEFAULTS.idPrefix;
}

/** A machine takes longer to end than a command; what anybody said holds for both. */
export function stopTimeoutOf(
  spec: VmSpec,
  mode: BootMode,
  request: CreateVm,
  { vmDefaults }: CreateContext,
): number {
  const said = request.spec.stopTimeout ?? vmDefaults.stopTimeout;
  return mode === 'system' && said === undefined ? DEFAULTS.machineStopTimeoutSeconds : spec.stopTimeout;
}

/** `--ssh` and the original's manifests mean a machine wherever there is an init (CLI rule 3). */
export function expectsMachine({ expectsMachine: told, spec: { ssh } }: CreateVm): boolean {
  return told === true || (ssh !== undefined && ssh !== false);
}

/** How its image is to be fetched. */
export function imageRequest(request: CreateVm, { report, signal }: CreateContext): ImageRequest {
  return {
    pull: request.pull ?? 'missing',
    ...(request.credentials === undefined ? {} : { credentials: request.credentials }),
    ...(request.insecureRegistries === undefined ? {} : { insecureRegistries: request.insecureRegistries }),
    report,
    signal,
  };
}

/** What its first boot puts into the guest. */
export function seedOf(request: CreateVm, spec: VmSpec, name: string): Seed {
  const keys = request.authorizedKeys ?? [];
  const files = request.files ?? [];
  if (typeof spec.ssh === 'string') return { authorizedKeys: [...keys, spec.ssh], files };
  if (spec.ssh !== true) return { authorizedKeys: keys, files };
  const pair = makeSshKeyPair(`ignite-${name}`);
  return { sshPrivateKey: pair.privateKey, authorizedKeys: [...keys, pair.publicKey], files };
}
