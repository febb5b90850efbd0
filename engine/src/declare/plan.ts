// Plans: compares the declared VMs with those that exist, and decides what to do with each. Pure.
import { createHash } from 'node:crypto';
import { type DeclaredVm, IgniteError, type RecordedEnd, type VmRecord, type VmSpecInput } from '@ignite/api';
import { isActive } from '@ignite/api/state-words';
import { API_MANAGER, desiredSpec, type FieldChange, type VmLook } from '../lifecycle/index.ts';
import { differences, shown } from './differences.ts';
import type { DeclareRequest, Planned } from './port.ts';

/** The manifest's own word on what a change may do to its VM: `next-start`, `restart` (as without), `recreate`. */
const ON_CHANGE = 'ignite.vm/on-change';

interface Index {
  readonly byUid: ReadonlyMap<string, VmLook>;
  readonly byName: ReadonlyMap<string, VmLook>;
}

/** What has to be done, in the order of the objects; what is pruned comes last. */
export function planAll(
  request: DeclareRequest,
  there: readonly VmLook[],
  vmDefaults: VmSpecInput,
): readonly Planned[] {
  const index: Index = {
    byUid: new Map(there.map((look) => [look.record.metadata.uid, look])),
    byName: new Map(there.map((look) => [look.record.metadata.name, look])),
  };
  const seen = new Map<string, DeclaredVm>();
  const planned = request.objects.map((object) => {
    const twin = firstTwin(seen, object);
    return twin === undefined ? planOne(object, request, index, vmDefaults) : duplicate(object, twin);
  });
  return [...planned, ...pruned(request, there, planned)];
}

/** UID of a VM whose manifest has none: the same for the same name from the same source, on every host. */
export function derivedUid(manager: string, name: string): string {
  return createHash('sha256').update(`${manager}\0${name}`).digest('hex').slice(0, 16);
}

/** Whether it should run: the original's manifests say it in status, and nothing means stopped. */
export function wantedSpec({ spec, legacy }: DeclaredVm): VmSpecInput {
  return legacy === true ? { ...spec, running: spec.running ?? false } : spec;
}

function firstTwin(seen: Map<string, DeclaredVm>, object: DeclaredVm): DeclaredVm | undefined {
  const { name, uid } = object.metadata;
  const keys = [...(name ? [`name ${name}`] : []), ...(uid ? [`uid ${uid}`] : [])];
  const twin = keys.map((key) => seen.get(key)).find((one) => one !== undefined);
  if (twin === undefined) for (const key of keys) seen.set(key, object);
  return twin;
}

function duplicate(object: DeclaredVm, { origin }: DeclaredVm): Planned {
  const what = object.metadata.name ?? object.metadata.uid ?? '';
  return refused(
    object,
    new IgniteError('declare/twice', `${what} is declared in ${origin.file} line ${origin.line} already`),
  );
}

function planOne(
  object: DeclaredVm,
  request: DeclareRequest,
  index: Index,
  vmDefaults: VmSpecInput,
): Planned {
  const { name, uid } = object.metadata;
  if (!name && !uid)
    return refused(
      object,
      new IgniteError('declare/nameless', 'A VM must have metadata.name or metadata.uid'),
    );
  const look = (uid ? index.byUid.get(uid) : undefined) ?? (name ? index.byName.get(name) : undefined);
  try {
    return look === undefined ? planNew(object, request) : planExisting(object, look, request, vmDefaults);
  } catch (error) {
    if (error instanceof IgniteError) return refused(object, error);
    throw error;
  }
}

function planNew(object: DeclaredVm, { manager }: DeclareRequest): Planned {
  const { name, uid } = object.metadata;
  if (!name)
    throw new IgniteError('declare/nameless', `The VM ${uid} is not here yet and needs metadata.name`);
  return {
    name,
    uid: uid || derivedUid(manager, name),
    action: 'create',
    changes: [],
    origin: object.origin,
    declared: object,
  };
}

function planExisting(
  object: DeclaredVm,
  look: VmLook,
  request: DeclareRequest,
  vmDefaults: VmSpecInput,
): Planned {
  const { record } = look;
  checkIdentity(object, record, request);
  const wanted = desiredSpec(wantedSpec(object), vmDefaults, record);
  const fields = differences(object, record, wanted, request);
  const running = isActive(look.vm.status.state);
  const onChange = object.metadata.annotations?.[ON_CHANGE];
  const effects = new Set(fields.map((field) => field.effect));
  const planned = (action: Planned['action']): Planned => ({
    name: record.metadata.name,
    uid: record.metadata.uid,
    origin: object.origin,
    declared: object,
    action,
    changes: fields.map((field) => shown(field, running, onChange)),
  });
  if (effects.has('recreate')) return planRecreate(planned, record, fields, request, onChange);
  const held = record.override !== undefined && fields.length === 0;
  if (held)
    return {
      ...planned('keep'),
      drift: record.override?.running === true ? 'started by hand' : 'stopped by hand',
    };
  if (!wanted.running) return planned(running ? 'stop' : effects.size > 0 ? 'update' : 'keep');
  if (!running) return planStopped(planned, look, fields, object.legacy === true);
  const waits = effects.has('start') || (record.history.pending ?? []).length > 0;
  if (waits && onChange !== 'next-start') return planned('restart');
  return planned(effects.size > 0 ? 'update' : 'keep');
}

/** A VM that would have to be made anew, if it may. */
function planRecreate(
  planned: (action: Planned['action']) => Planned,
  record: VmRecord,
  fields: readonly FieldChange[],
  { allowRecreate = false }: DeclareRequest,
  onChange: string | undefined,
): Planned {
  const allowed = typeof allowRecreate === 'function' ? allowRecreate(record) : allowRecreate;
  const refusal = refusesRecreate(record, fields, allowed || onChange === 'recreate');
  return refusal === undefined ? planned('recreate') : { ...planned('refuse'), error: refusal };
}

/**
 * A VM that should run and does not: made and never started, lost with its host, or touched by this change. After an end
 * of its own its restart policy decides, at its own pace.
 * @param legacy the original's manifests have no policy: their `status.running` means that it runs, whatever ended it
 */
function planStopped(
  planned: (action: Planned['action']) => Planned,
  { record, vm }: VmLook,
  fields: readonly FieldChange[],
  legacy: boolean,
): Planned {
  const { lastStart, lastEnd } = record.history;
  const lost =
    lastEnd !== undefined &&
    (['host-rebooted', 'supervisor-lost', 'vmm-crashed'].includes(lastEnd.how) ||
      endedWithAll(lastEnd, record));
  const touched = fields.some(({ path }) => path.startsWith('spec.'));
  const mustRun = legacy && record.spec.restartPolicy.name === 'no';
  if (touched || mustRun || lastStart === undefined || lost || vm.status.state === 'failed')
    return planned('start');
  const idle = planned(fields.length > 0 ? 'update' : 'keep');
  return {
    ...idle,
    drift: `ended by itself${vm.status.detail === undefined ? '' : ` (${vm.status.detail})`}`,
  };
}

/** Ended with all others, by the host that went down or by `system stop --vms`: nobody wants it stopped. */
function endedWithAll({ by }: RecordedEnd, { spec }: VmRecord): boolean {
  return by === 'host' || (by === 'user' && spec.running);
}

/** A source's status shows the message alone, so it says what to do. */
function whose(manager: string): string {
  return manager === API_MANAGER
    ? 'was made by hand or by `ignite apply`: once it is removed, this source makes it'
    : `is managed by ${manager}`;
}

function checkIdentity(object: DeclaredVm, record: VmRecord, { manager, takeOver }: DeclareRequest): void {
  const { name, uid } = object.metadata;
  const own = record.metadata;
  if (record.manager !== manager && takeOver !== true)
    throw new IgniteError('declare/conflict', `${own.name} ${whose(record.manager)}`);
  if (uid && uid !== own.uid)
    throw new IgniteError(
      'declare/identity',
      `The name ${own.name} belongs to the VM ${own.uid}, not to ${uid}`,
    );
  if (name && name !== own.name)
    throw new IgniteError('declare/identity', `The VM ${own.uid} is named ${own.name}; a name is for life`);
}

function refusesRecreate(
  record: VmRecord,
  fields: readonly FieldChange[],
  consent: boolean,
): IgniteError | undefined {
  const { name } = record.metadata;
  if (record.protected === true)
    return new IgniteError('vm/protected', `${name} is protected and would have to be recreated`);
  if (consent) return undefined;
  const paths = fields.filter(({ effect }) => effect === 'recreate').map(({ path }) => path);
  return new IgniteError('vm/needs-recreate', `${paths.join(', ')} of ${name} can only change in a new VM`, {
    details: { fields: paths },
  });
}

function pruned(
  { manager, prune }: DeclareRequest,
  there: readonly VmLook[],
  planned: readonly Planned[],
): readonly Planned[] {
  if (prune === undefined) return [];
  const kept = new Set(planned.map(({ uid }) => uid));
  const names = new Set(planned.map(({ name }) => name));
  return there.flatMap(({ record }): Planned[] => {
    const { name, uid } = record.metadata;
    const own = record.manager === manager && record.origin !== undefined;
    if (!own || kept.has(uid) || names.has(name) || !prune(record)) return [];
    const base = {
      name,
      uid,
      changes: [],
      ...(record.origin === undefined ? {} : { origin: record.origin }),
    };
    if (record.protected === true)
      return [{ ...base, action: 'keep', drift: 'protected: not removed though it is declared no more' }];
    return [{ ...base, action: 'remove' }];
  });
}

function refused(object: DeclaredVm, error: IgniteError): Planned {
  const { name, uid } = object.metadata;
  return {
    name: name ?? uid ?? '',
    ...(uid === undefined ? {} : { uid }),
    action: 'refuse',
    changes: [],
    origin: object.origin,
    declared: object,
    error,
  };
}
