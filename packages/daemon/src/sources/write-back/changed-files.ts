// The files of a tree as they should be written: manifests with single fields edited, or, as the original did it, whole.
import {
  editManifest,
  IgniteError,
  isIgniteError,
  parseManifest,
  type Vm,
  type VmManifest,
} from '@ignite/api';
import { originalForm } from '@ignite/api/versions';
import type { Listing } from '../port.ts';
import type { HandChange } from './hand-changes.ts';

export interface ChangedFiles {
  /** Texts by path. */
  readonly files: ReadonlyMap<string, string>;
  /** What could not be written, by the name of its VM; the others are. */
  readonly errors: ReadonlyMap<string, IgniteError>;
}

/** Edits each object in its file. */
export async function editedFiles(
  changes: readonly HandChange[],
  listing: Listing,
  signal: AbortSignal,
): Promise<ChangedFiles> {
  const errors = new Map<string, IgniteError>();
  const texts = await readFiles(new Set(changes.map(({ file }) => file)), listing, signal);
  const files = new Map<string, string>();
  // From the end of a file to its beginning: an edit may add lines.
  for (const change of changes.toSorted((a, b) => b.line - a.line)) {
    const text = files.get(change.file) ?? texts.get(change.file);
    if (text === undefined) continue;
    try {
      const edited = editManifest(text, change.line, change.edits);
      parseManifest(edited, change.file, { foreign: 'skip' });
      files.set(change.file, edited);
    } catch (error) {
      if (!isIgniteError(error)) throw error;
      errors.set(change.name, error);
    }
  }
  return { files, errors };
}

/**
 * Rewrites files with one object of the original's, as the original did.
 * @param vms by the file that declares them; those that are as declared
 */
export async function rewrittenFiles(
  vms: ReadonlyMap<string, Vm>,
  listing: Listing,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const texts = await readFiles(new Set(vms.keys()), listing, signal);
  return new Map(
    [...texts].flatMap(([file, text]) => {
      const vm = vms.get(file);
      const [manifest, ...more] = manifestsOf(text, file);
      if (vm === undefined || manifest === undefined || more.length > 0 || !manifest.legacy) return [];
      const form = originalForm(vm, manifest, file);
      return form === text ? [] : [[file, form] as const];
    }),
  );
}

/** The VMs of a file; none where it holds something else, too. */
function manifestsOf(text: string, file: string): readonly VmManifest[] {
  const all = parseManifest(text, file, { foreign: 'skip' });
  const vms = all.filter((one): one is VmManifest => one.kind === 'VM');
  return vms.length === all.length ? vms : [];
}

function readFiles(
  paths: ReadonlySet<string>,
  listing: Listing,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  return listing.read(
    listing.files.filter(({ path }) => paths.has(path)),
    signal,
  );
}
