// What is done with the text of one manifest: it is read, fields in it are set, or it is written anew. None of this
// looks at anything else, so a thread can do it.
import {
  editManifest,
  type ErrorCode,
  type FieldEdit,
  IgniteError,
  isIgniteError,
  parseManifest,
  type Vm,
  type VmManifest,
} from '@ignite/api';
import { originalForm } from '@ignite/api/versions';
import { type ReadManifest, readManifest } from './read-manifest.ts';

/** Edits of one object of a text. */
export interface ObjectEdits {
  readonly name: string;
  /** Where the object begins, before any edit. */
  readonly line: number;
  readonly edits: readonly FieldEdit[];
}

/** Why an object was left as it is; a thread cannot hand over the error itself. */
interface Refusal {
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: IgniteError['details'];
}

export interface Edited {
  /** Absent: nothing could be edited. */
  readonly text?: string;
  readonly refused: readonly Refusal[];
}

/** Sets the fields; an object in which they cannot be set stays, the others are edited. */
export function editObjects(text: string, path: string, objects: readonly ObjectEdits[]): Edited {
  const refused: Refusal[] = [];
  let edited: string | undefined;
  // From the end of a file to its beginning: an edit may add lines.
  for (const { name, line, edits } of objects.toSorted((a, b) => b.line - a.line)) {
    try {
      const next = editManifest(edited ?? text, line, edits);
      parseManifest(next, path, { foreign: 'skip' });
      edited = next;
    } catch (error) {
      if (!isIgniteError(error)) throw error;
      refused.push({ name, code: error.code, message: error.message, details: error.details });
    }
  }
  return { ...(edited === undefined ? {} : { text: edited }), refused };
}

/** A text with one object of the original's, as the original would write it; undefined where it is another, or the same. */
export function rewriteObject(text: string, path: string, vm: Vm): string | undefined {
  const [manifest, ...more] = manifestsOf(text, path);
  if (manifest === undefined || more.length > 0 || !manifest.legacy) return undefined;
  const form = originalForm(vm, manifest, path);
  return form === text ? undefined : form;
}

/** The VMs of a text; none where it holds something else, too. */
function manifestsOf(text: string, path: string): readonly VmManifest[] {
  const all = parseManifest(text, path, { foreign: 'skip' });
  const vms = all.filter((one): one is VmManifest => one.kind === 'VM');
  return vms.length === all.length ? vms : [];
}

/** What a thread can be asked for: arguments and answer of each, by its name. */
interface Jobs {
  readonly read: { readonly words: [text: string, path: string]; readonly answer: ReadManifest };
  readonly edit: {
    readonly words: [text: string, path: string, objects: readonly ObjectEdits[]];
    readonly answer: Edited;
  };
  readonly rewrite: {
    readonly words: [text: string, path: string, vm: Vm];
    readonly answer: string | undefined;
  };
}

export type ManifestJob = keyof Jobs;
export type ManifestAnswer<K extends ManifestJob> = Jobs[K]['answer'];

/** What a thread is sent. */
export interface ManifestTask<K extends ManifestJob = ManifestJob> {
  readonly job: K;
  readonly words: Jobs[K]['words'];
}

const WORK: { readonly [K in ManifestJob]: (...words: Jobs[K]['words']) => Jobs[K]['answer'] } = {
  read: readManifest,
  edit: editObjects,
  rewrite: rewriteObject,
};

/** Does what is asked. */
export function doManifestJob<K extends ManifestJob>({ job, words }: ManifestTask<K>): ManifestAnswer<K> {
  return WORK[job](...words);
}
