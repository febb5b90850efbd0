// One source at work: lists, reads, applies as one transaction of intent, and reports the result. A tree that cannot be read
// changes nothing: the last one stays in force.
import {
  type FieldEdit,
  IgniteError,
  isIgniteError,
  type NewVmDefaults,
  type SourceStatus,
  type VmRecord,
} from '@ignite/api';
import { matchesSelector, type Selector } from '@ignite/api/selectors';
import { type Engine, type Patience, pruningOf, type SourcePlace, STILL_AT_WORK } from '@ignite/engine';
import { type Backoff, createBackoff } from './backoff.ts';
import { createWaker } from './waker.ts';
import { consentTo, usedConsent } from './consent.ts';
import type { HostFiles } from './host-files.ts';
import { createTreeParser } from './parse-tree.ts';
import type { Listing, Origin, Tree } from './port.ts';
import { loadMemory, type Memory, saveMemory } from './source-memory.ts';
import { sentence, statusOf } from './source-status.ts';
import { createWriteBack } from './write-back/create-write-back.ts';
import type { Proposal } from './write-back/hand-changes.ts';

export interface SourceInput {
  readonly origin: Origin;
  readonly engine: Pick<Engine, 'vms' | 'declare' | 'clock'>;
  readonly place: SourcePlace;
  readonly selector?: Selector | undefined;
  /** For VMs that it makes. */
  readonly newVms?: NewVmDefaults | undefined;
  readonly hostFiles: HostFiles;
  /** One line for people at each thing worth telling. */
  readonly say: (text: string) => void;
}

export interface Source {
  readonly manager: string;
  status(): SourceStatus;
  /** Looks now, and settles when what was found is applied. */
  sync(signal: AbortSignal): Promise<SourceStatus>;
  /** Allows what waits: a removal, VMs that are to be made anew. @throws IgniteError `source/nothing-waits` */
  approve(): Promise<SourceStatus>;
  /** Whether changes by hand are written into its manifests. */
  readonly writes: boolean;
  /**
   * Writes edits of a VM's spec into its manifest. On the followed branch they are applied, too.
   * @returns the branch
   * @throws IgniteError `source/…`, `api/cannot-edit`: nothing is changed
   */
  propose(uid: string, edits: readonly FieldEdit[], signal: AbortSignal): Promise<string>;
  /** Looks again and again until the signal. */
  follow(signal: AbortSignal): Promise<void>;
}

/** How long one VM may delay a look; an emulated guest is up in less on an idle host. */
const PATIENCE_MS = 10_000;
/** How often one look is done anew because the branch moved meanwhile; the next interval goes on. */
const WRITE_ATTEMPTS = 5;

/** A source at rest; `follow` or `sync` begin to look. */
export function createSource(input: SourceInput): Source {
  const { origin, engine, place } = input;
  const memory: Memory = {
    items: [],
    approvable: false,
    looks: { count: 0, failed: 0, seconds: 0 },
    ...(origin.writer === undefined ? {} : { writeBack: createWriteBack(origin.writer) }),
  };
  const parser = createTreeParser(input.hostFiles);
  const backoff = createBackoff(() => engine.clock.now().getTime());
  let turn: Promise<unknown> = loadMemory(place, memory);
  const bell = createWaker();
  /** VMs that take long: a client that asks for a look waits for them, the next look does not. */
  const late = new Set<Promise<unknown>>();
  const patience = (signal: AbortSignal): Patience => ({
    over: (done) => engine.clock.sleep(PATIENCE_MS, AbortSignal.any([signal, done])),
    late: (planned, outcome) => {
      const settled = outcome.then((done) => {
        backoff.note(done.uid ?? '', done.error);
        memory.items = memory.items.map((item) => (item.uid === planned.uid ? done : item));
        late.delete(settled);
        bell.ring();
      });
      late.add(settled);
    },
  });

  /** An origin returns each listing once; one that could not be read, or was not waited for, is read at the next look. */
  let unread: Listing | undefined;
  const look = async (signal: AbortSignal): Promise<void> => {
    try {
      unread = (await origin.list(signal)) ?? unread;
      memory.lookedAt = engine.clock.now().toISOString();
      const listing = unread ?? (parser.namesHost() ? memory.listing : undefined);
      if (listing !== undefined) {
        memory.tree = selected(await parser.parse(listing, signal), input.selector);
        memory.listing = listing;
        unread = undefined;
      }
      memory.error = undefined;
    } catch (error) {
      signal.throwIfAborted();
      memory.error = asError(error, origin.manager);
      return;
    }
    if (memory.tree !== undefined)
      await applyTree(input, memory, memory.tree, { backoff, patience: patience(signal) }, signal);
  };
  /** A commit of ours, and one that was pushed meanwhile, is applied like any other. */
  const round = async (signal: AbortSignal): Promise<void> => {
    for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
      await look(signal);
      if ((await writeChanges(input, memory, signal)) === 'done') return;
    }
  };
  const lookOnce = (signal: AbortSignal): Promise<SourceStatus> => {
    const mine = turn.then(() => counted(memory, () => round(signal)));
    turn = mine.catch(() => {});
    return mine.then(() => statusOf(input, memory));
  };
  const sync = async (signal: AbortSignal): Promise<SourceStatus> => {
    await lookOnce(signal);
    await Promise.all(late);
    return statusOf(input, memory);
  };
  return {
    manager: origin.manager,
    status: () => statusOf(input, memory),
    sync,
    approve: async () => {
      const { approvable, items, tree, waiting } = memory;
      const consent = tree === undefined ? undefined : consentTo(items, tree.revision);
      const removal = waiting !== undefined && approvable;
      if (tree === undefined || (!removal && consent === undefined))
        throw new IgniteError('source/nothing-waits', `Nothing of ${origin.manager} waits for approval`);
      if (removal) memory.approved = tree.revision;
      memory.consent = consent;
      await saveMemory(place, memory);
      bell.ring();
      return statusOf(input, memory);
    },
    writes: memory.writeBack !== undefined,
    propose: (uid, edits, signal) => propose(input, memory, { uid, edits, sync }, signal),
    follow: async (signal) => {
      origin.watch?.(bell.ring, signal);
      let told = '';
      while (!signal.aborted) {
        const status = await lookOnce(signal).catch((error: unknown) => {
          if (!signal.aborted) memory.error = asError(error, origin.manager);
          return statusOf(input, memory);
        });
        const text = sentence(status);
        if (text !== told && !signal.aborted) input.say(text);
        told = text;
        await bell.wait(origin.intervalMs, signal);
      }
    },
  };
}

/** Counts a look and measures it; a look with any error counts as failed. */
async function counted(memory: Memory, round: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  await round();
  const wrong = memory.error !== undefined || memory.items.some(({ error }) => error !== undefined);
  memory.looks.count += 1;
  memory.looks.failed += wrong ? 1 : 0;
  memory.looks.seconds = (performance.now() - begun) / 1000;
}

/** Plans the tree, carries the plan out where something is to be done, and remembers the result. */
async function applyTree(
  input: SourceInput,
  memory: Memory,
  tree: Tree,
  { backoff, patience }: { readonly backoff: Backoff; readonly patience: Patience },
  signal: AbortSignal,
): Promise<void> {
  const { origin, engine, hostFiles, newVms } = input;
  const { manager } = origin;
  const consent = memory.consent?.revision === tree.revision ? memory.consent : undefined;
  const allowRecreate = ({ metadata }: VmRecord) => consent?.uids.includes(metadata.uid) === true;
  const request = { manager, objects: tree.objects, allowRecreate };
  const everything = engine.declare.plan({ ...request, prune: () => true });
  const pruning = pruningOf({
    complete: tree.problems.length === 0,
    declared: tree.objects.length,
    managed: engine.vms.look().filter(({ record }) => record.manager === manager).length,
    gone: everything.filter(({ action }) => action === 'remove').length,
    approved: memory.approved === tree.revision,
  });
  memory.waiting = pruning.why;
  memory.approvable = pruning.approvable;
  if (memory.applied !== tree.revision) backoff.forget();
  const busy =
    everything.some(({ action }) => !['keep', 'refuse', 'remove'].includes(action)) || pruning.allowed;
  const items = busy
    ? await engine.declare.apply(
        {
          ...request,
          ...(pruning.allowed ? { prune: () => true } : {}),
          hold: ({ uid = '' }) => backoff.holds(uid),
          patience,
          newVms,
          bring: async (object, until) => {
            const tar = await hostFiles.large(object, until);
            return tar && (await engine.vms.keepFiles(tar, until)).upload;
          },
        },
        { report: () => {}, signal },
      )
    : everything.filter(({ action }) => action !== 'remove');
  signal.throwIfAborted();
  for (const { uid = '', error, action, drift } of items)
    if (action !== 'refuse' && drift !== STILL_AT_WORK) backoff.note(uid, error);
  await rememberItems(input, memory, tree, items);
}

/** Keeps what became of each VM; the revision, and what is left of a consent, survive the daemon. */
async function rememberItems(
  { engine, place, say }: SourceInput,
  memory: Memory,
  tree: Tree,
  items: Memory['items'],
): Promise<void> {
  const consent = memory.consent?.revision === tree.revision ? memory.consent : undefined;
  const fresh = memory.applied !== tree.revision;
  const left = usedConsent(consent, items);
  const used = left !== memory.consent;
  memory.items = items;
  memory.consent = left;
  if (fresh) {
    memory.applied = tree.revision;
    memory.appliedAt = engine.clock.now().toISOString();
    for (const note of tree.notes) say(note);
  }
  if (fresh || used) await saveMemory(place, memory);
  for (const { name, action } of items) if (!['keep', 'refuse'].includes(action)) say(`${name}: ${action}`);
}

async function writeChanges(
  { origin, engine, place, say }: SourceInput,
  memory: Memory,
  signal: AbortSignal,
): Promise<'done' | 'again'> {
  const { writeBack, listing, tree, items, error, waiting } = memory;
  if (writeBack === undefined || listing === undefined || tree === undefined) return 'done';
  if (error !== undefined || waiting !== undefined) return 'done'; // a person decides first
  const looks = engine.vms.look().filter(({ record }) => record.manager === origin.manager);
  const before = writeBack.status().revision;
  const result = await writeBack.write({ listing, tree, looks, items }, engine.clock.now(), signal);
  const { revision, branch } = writeBack.status();
  if (revision !== before) {
    await saveMemory(place, memory);
    say(`${origin.manager}: what was changed by hand is commit ${revision?.slice(0, 12)} of ${branch}`);
  }
  return result;
}

interface Wish extends Pick<Proposal, 'uid' | 'edits'> {
  readonly sync: (signal: AbortSignal) => Promise<unknown>;
}

async function propose(
  { origin, engine, place }: SourceInput,
  memory: Memory,
  { uid, edits, sync }: Wish,
  signal: AbortSignal,
): Promise<string> {
  const { writeBack } = memory;
  const look = engine.vms.look().find(({ record }) => record.metadata.uid === uid);
  if (writeBack === undefined || look === undefined)
    throw new IgniteError('vm/managed', `${uid} is managed by ${origin.manager}`);
  const { name } = look.record.metadata;
  const proposal = writeBack.propose(look, edits, memory.tree, engine.clock.now().toISOString());
  try {
    await sync(signal);
    const error = memory.error ?? writeBack.error(name);
    if (error !== undefined) throw error;
    if (!writeBack.wrote(proposal))
      throw new IgniteError(
        'source/pushed-meanwhile',
        `The manifest of ${name} was changed at the same moment`,
      );
  } catch (error) {
    writeBack.drop(proposal);
    throw error;
  }
  await saveMemory(place, memory);
  return writeBack.status().branch ?? '';
}

function selected(tree: Tree, selector: Selector | undefined): Tree {
  if (selector === undefined) return tree;
  return {
    ...tree,
    objects: tree.objects.filter(({ metadata }) => matchesSelector(selector, metadata.labels)),
  };
}

function asError(error: unknown, manager: string): IgniteError {
  if (isIgniteError(error)) return error;
  return new IgniteError('source/unreachable', `${manager} could not be read`, { cause: error });
}
