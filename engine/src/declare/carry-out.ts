// Carries a plan out: every intent is written down first, then VMs are made, started and stopped in parallel. The failure of
// one VM is returned with its plan and stops no other.
import { IgniteError, type Report, type VmRecord } from '@ignite/api';
import type { Call, Vms, VmUpdate } from '../lifecycle/index.ts';
import { desiredSpec } from '../lifecycle/index.ts';
import { cancelled } from '../work/index.ts';
import { wantedSpec } from './plan.ts';
import type { DeclareRequest, Planned } from './port.ts';

/** VMs worked on at once; the engine bounds the boots among them. */
const AT_ONCE = 16;
/** Shown for a VM whose making or start takes longer than the plan waits. */
export const STILL_AT_WORK = 'still in progress';

interface CarryOut {
  readonly vms: Vms;
  readonly vmDefaults: DeclareRequest['objects'][number]['spec'];
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** The plan in its order, each entry with the error it ended in, if any. */
export async function carryOut(
  plan: readonly Planned[],
  request: DeclareRequest,
  caller: CarryOut,
): Promise<readonly Planned[]> {
  const held = plan.map((planned) => {
    const error = planned.error ?? request.hold?.(planned);
    return error === undefined ? planned : { ...planned, error };
  });
  const written = await forAll(held, (planned) =>
    attempt(planned, caller, () => writeIntent(planned, request, caller)),
  );
  return forAll(written, (planned) =>
    patiently(planned, request, () => attempt(planned, caller, () => converge(planned, request, caller))),
  );
}

/** Work that outlasts the caller's patience goes on in the background; its place goes to the next VM. */
async function patiently(
  planned: Planned,
  { patience }: DeclareRequest,
  work: () => Promise<Planned>,
): Promise<Planned> {
  const working = work();
  if (patience === undefined) return working;
  const settled = new AbortController();
  const late = patience.over(settled.signal).then(
    () => undefined,
    () => working, // the caller is ending, and so is the work
  );
  const done = await Promise.race([working, late]);
  settled.abort(); // thousands of VMs that fail at once would leave as many timers
  if (done !== undefined) return done;
  patience.late(planned, working);
  return { ...planned, drift: STILL_AT_WORK };
}

/** Does nothing once the caller has cancelled: a plan may have thousands of VMs that are not begun yet. */
async function attempt(planned: Planned, { signal }: CarryOut, work: () => Promise<void>): Promise<Planned> {
  if (planned.error !== undefined) return planned;
  if (signal.aborted) return { ...planned, error: cancelled(signal, planned.name) };
  try {
    await work();
    return planned;
  } catch (error) {
    return { ...planned, error: asIgniteError(planned, error) };
  }
}

function asIgniteError({ name }: Planned, error: unknown): IgniteError {
  if (error instanceof IgniteError) return error;
  return new IgniteError('declare/failed', `${name} could not be made as declared`, { cause: error });
}

/** Updates the record of an existing VM. Nothing starts or ends yet. */
async function writeIntent(planned: Planned, request: DeclareRequest, caller: CarryOut): Promise<void> {
  const { declared, uid, action } = planned;
  if (declared === undefined || uid === undefined) return;
  if (action === 'create' || action === 'recreate' || action === 'keep' || action === 'refuse') return;
  const update = (record: VmRecord): VmUpdate => ({
    spec: desiredSpec(wantedSpec(declared), caller.vmDefaults, record),
    labels: declared.metadata.labels ?? {},
    annotations: declared.metadata.annotations ?? {},
    manager: request.manager,
    origin: declared.origin,
    override: undefined,
  });
  await caller.vms.update(uid, update, callOf(caller));
}

async function converge(planned: Planned, request: DeclareRequest, caller: CarryOut): Promise<void> {
  const { action, uid = '' } = planned;
  const { vms } = caller;
  const call = { ...callOf(caller), by: 'manager' as const };
  switch (action) {
    case 'create':
      return create(await withFiles(planned, request, caller), request, caller);
    case 'recreate': {
      // rehearsed first: a VM that cannot be made anew is kept
      const brought = await withFiles(planned, request, caller);
      await vms.rehearse(...creationOf(brought, request, caller));
      await vms.remove(uid, true, call);
      return create(brought, request, caller);
    }
    case 'restart':
      await vms.stop(uid, call);
      return start(uid, caller);
    case 'start':
      return start(uid, caller);
    case 'stop':
      return void (await vms.stop(uid, call));
    case 'remove':
      return void (await vms.remove(uid, true, call));
    case 'update':
    case 'keep':
    case 'refuse':
      return;
  }
}

async function create(planned: Planned, request: DeclareRequest, caller: CarryOut): Promise<void> {
  const [asked, call] = creationOf(planned, request, caller);
  await caller.vms.create(asked, call);
  if (asked.spec.running ?? true) await start(planned.uid ?? '', caller);
}

/** Adds the files that are too large for a declaration: they are read only now, when they are needed. */
async function withFiles(planned: Planned, request: DeclareRequest, caller: CarryOut): Promise<Planned> {
  const { declared } = planned;
  if (declared === undefined || declared.upload !== undefined) return planned;
  const upload = await request.bring?.(declared, caller.signal);
  return upload === undefined ? planned : { ...planned, declared: { ...declared, upload } };
}

/** The arguments of `create` for a declared VM. */
function creationOf(
  { declared, name, uid }: Planned,
  { manager, pull, newVms }: DeclareRequest,
  caller: CarryOut,
): Parameters<Vms['create']> {
  if (declared === undefined || uid === undefined)
    throw new IgniteError('declare/failed', `${name} is not declared`);
  const { files, upload, filesDigest, authorizedKeys, idPrefix } = declared;
  const request = {
    metadata: { ...declared.metadata, name, uid },
    spec: wantedSpec(declared),
    ...(declared.legacy === true ? { expectsMachine: true } : {}),
    ...(idPrefix === undefined ? {} : { idPrefix }),
    ...(files === undefined ? {} : { files }),
    ...(upload === undefined ? {} : { upload }),
    ...(filesDigest === undefined ? {} : { filesDigest }),
    ...(authorizedKeys === undefined ? {} : { authorizedKeys }),
    ...pull,
  };
  return [request, { ...callOf(caller), manager, origin: declared.origin, newVms }];
}

async function start(uid: string, caller: CarryOut): Promise<void> {
  await caller.vms.start(uid, { ...callOf(caller), by: 'manager', attach: false, wait: 'agent' });
}

/** Without progress reports: those of many VMs at once would be unreadable, and the result has an entry for each. */
function callOf({ signal }: CarryOut): Call {
  return { report: () => {}, signal };
}

async function forAll(
  plan: readonly Planned[],
  work: (planned: Planned) => Promise<Planned>,
): Promise<readonly Planned[]> {
  const done: Planned[] = [...plan];
  const queue = plan.entries();
  const worker = async () => {
    for (const [index, planned] of queue) done[index] = await work(planned);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, plan.length) }, worker));
  return done;
}
