// What a source writes into its repository: changes by hand as one commit upon the revision that was applied. A push of
// somebody else comes first: it is looked at and applied, and only what is still wanted then is written upon it.
import { hostname } from 'node:os';
import { IgniteError, isIgniteError, type FieldEdit, type SourceStatus } from '@ignite/api';
import type { Planned, VmLook } from '@ignite/engine';
import { errorBodyOf } from '../../http/errors.ts';
import type { FilesChange, Listing, Tree, Writer } from '../port.ts';
import { type ChangedFiles, editedFiles, rewrittenFiles } from './changed-files.ts';
import { declaredFor, fingerprint, handChanges, type HandChange, type Proposal } from './hand-changes.ts';

/** A source at rest: everything of this revision is applied. */
export interface Applied {
  readonly listing: Listing;
  readonly tree: Tree;
  /** VMs of this source. */
  readonly looks: readonly VmLook[];
  readonly items: readonly Planned[];
}

export interface WriteBack {
  /** Writes what is to be written. `again`: there is another revision now, ours or somebody's; look at once. */
  write(applied: Applied, now: Date, signal: AbortSignal): Promise<'done' | 'again'>;
  /** Keeps edits until they are written. @throws IgniteError `vm/managed`: no manifest declares the VM */
  propose(look: VmLook, edits: readonly FieldEdit[], tree: Tree | undefined, at: string): Proposal;
  /** Whether the edits are in a commit of ours. */
  wrote(proposal: Proposal): boolean;
  drop(proposal: Proposal): void;
  /** Why what is wanted of this VM could not be written. */
  error(name: string): IgniteError | undefined;
  status(): NonNullable<SourceStatus['writeBack']>;
  /** What a restart must not forget. */
  memory(): WriteMemory;
  restore(memory: unknown): void;
}

interface WriteMemory {
  readonly proposals: readonly Proposal[];
  readonly revision?: string;
  readonly at?: string;
}

/** Who the original's commits were by, and what they said (GIT-14). */
const ORIGINAL = {
  author: { name: 'Weave libgitops', email: 'support@weave.works' },
  message: 'Update files changed by libgitops',
} as const;

/** The write-back of one source; nothing is proposed yet. */
export function createWriteBack(writer: Writer): WriteBack {
  let proposals: readonly Proposal[] = [];
  let last: { readonly revision: string; readonly at: string } | undefined;
  let failure: IgniteError | undefined;
  const written = new WeakSet<Proposal>();
  let refused: ReadonlyMap<string, IgniteError> = new Map();

  const send = async (change: FilesChange, signal: AbortSignal): Promise<'done' | 'again'> => {
    const carried = proposals;
    const revision = await writer.push(change, last?.revision, signal);
    for (const one of carried) written.add(one);
    if (revision === undefined) return 'done';
    last = { revision, at: change.at };
    return writer.mode === 'branch' ? 'done' : 'again';
  };
  return {
    write: async (applied, now, signal) => {
      proposals = proposals.filter((one) => holds(one, applied));
      try {
        const { change, errors } = await changeOf(applied, proposals, writer, now, signal);
        refused = errors;
        failure = undefined;
        return change === undefined ? 'done' : await send(change, signal);
      } catch (error) {
        signal.throwIfAborted();
        failure = isIgniteError(error)
          ? error
          : new IgniteError('source/cannot-push', 'Changes by hand could not be written', { cause: error });
        return failure.code === 'source/pushed-meanwhile' ? 'again' : 'done';
      }
    },
    propose: ({ record }, edits, tree, at) => {
      const object = tree === undefined ? undefined : declaredFor(tree.objects, record.metadata);
      if (object === undefined)
        throw new IgniteError(
          'vm/managed',
          `No manifest of ${record.manager} declares ${record.metadata.name} now`,
        );
      const proposal = { uid: record.metadata.uid, edits, at, base: fingerprint(object) };
      proposals = [...proposals, proposal];
      return proposal;
    },
    wrote: (proposal) => written.has(proposal),
    drop: (proposal) => {
      proposals = proposals.filter((one) => one !== proposal);
    },
    error: (name) => refused.get(name) ?? failure,
    status: () => {
      const branch = writer.branch();
      const error = failure ?? [...refused.values()][0];
      return {
        mode: writer.mode,
        ...(branch === undefined ? {} : { branch }),
        ...last,
        ...(error === undefined ? {} : { error: errorBodyOf(error) }),
      };
    },
    memory: () => ({ proposals, ...last }),
    restore: (memory) => {
      if (!isMemory(memory)) return;
      proposals = memory.proposals;
      if (memory.revision !== undefined && memory.at !== undefined)
        last = { revision: memory.revision, at: memory.at };
    },
  };
}

/** Whether the manifest still says what it said when somebody asked for something else. */
function holds({ uid, base }: Proposal, { tree, looks }: Applied): boolean {
  const look = looks.find(({ record }) => record.metadata.uid === uid);
  const object = look === undefined ? undefined : declaredFor(tree.objects, look.record.metadata);
  return object !== undefined && fingerprint(object) === base;
}

async function changeOf(
  applied: Applied,
  proposals: readonly Proposal[],
  writer: Writer,
  now: Date,
  signal: AbortSignal,
): Promise<{ readonly change?: FilesChange; readonly errors: ChangedFiles['errors'] }> {
  const { listing, tree, looks } = applied;
  const records = looks.map(({ record }) => record);
  const changes = handChanges(records, tree.objects, proposals);
  const { files, errors } = await editedFiles(changes, listing, signal);
  const { revision } = listing;
  if (writer.mode === 'ignite') {
    const whole = await rewrittenFiles(settled(applied, changes), listing, signal);
    if (files.size + whole.size === 0) return { errors };
    return {
      change: { revision, files: new Map([...files, ...whole]), at: now.toISOString(), ...ORIGINAL },
      errors,
    };
  }
  if (files.size === 0) return { errors };
  const at =
    changes
      .map((one) => one.at)
      .sort()
      .at(-1) ?? now.toISOString();
  return { change: { revision, files, at, message: messageOf(changes) }, errors };
}

/** VMs that are as their manifests say, by file: of others the file must not be written over. */
function settled(
  { tree, looks, items }: Applied,
  edited: readonly HandChange[],
): ReadonlyMap<string, VmLook['vm']> {
  const names = new Set(edited.map(({ name }) => name));
  const byUid = new Map(looks.map((look) => [look.record.metadata.uid, look]));
  const objects = new Set(tree.objects);
  return new Map(
    items.flatMap(({ uid = '', action, error, changes, declared }) => {
      const look = byUid.get(uid);
      const quiet = action === 'keep' && error === undefined && changes.length === 0;
      if (look === undefined || declared === undefined || !quiet || names.has(look.record.metadata.name))
        return [];
      return objects.has(declared) ? [[declared.origin.file, look.vm] as const] : [];
    }),
  );
}

function messageOf(changes: readonly HandChange[]): string {
  const lines = changes.map(
    ({ name, edits }) =>
      `${name}: ${edits.map(({ path, value }) => `${path.join('.')} = ${JSON.stringify(value)}`).join(', ')}`,
  );
  return [`Write back what was changed by hand on ${hostname()}`, '', ...lines, ''].join('\n');
}

function isMemory(value: unknown): value is WriteMemory {
  return (
    typeof value === 'object' && value !== null && 'proposals' in value && Array.isArray(value.proposals)
  );
}
