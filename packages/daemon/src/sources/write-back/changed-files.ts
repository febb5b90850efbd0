// The files of a tree as they should be written: manifests with single fields edited, or, as the original did it, whole.
import { IgniteError, isIgniteError, type Vm } from '@ignite/api';
import { type ManifestReader, openManifestReader } from '../manifest-reader.ts';
import type { Listing } from '../port.ts';
import { takeTurns } from '../take-turns.ts';
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
  const byFile = Map.groupBy(changes, ({ file }) => file);
  const errors = new Map<string, IgniteError>();
  const files = await eachText(new Set(byFile.keys()), listing, signal, async (text, file, reader) => {
    const objects = byFile.get(file) ?? [];
    try {
      const edited = await reader.edit(text, file, objects, signal);
      for (const { name, code, message, details } of edited.refused)
        errors.set(name, new IgniteError(code, message, { details }));
      return edited.text;
    } catch (error) {
      if (signal.aborted || !isIgniteError(error)) throw error;
      for (const { name } of objects) errors.set(name, error);
      return undefined;
    }
  });
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
  return eachText(new Set(vms.keys()), listing, signal, async (text, file, reader) => {
    const vm = vms.get(file);
    return vm === undefined ? undefined : reader.rewrite(text, file, vm, signal);
  });
}

/** The texts that became others, by their paths. */
async function eachText(
  paths: ReadonlySet<string>,
  listing: Listing,
  signal: AbortSignal,
  change: (text: string, file: string, reader: ManifestReader) => Promise<string | undefined>,
): Promise<ReadonlyMap<string, string>> {
  await using reader = openManifestReader();
  const changed = new Map<string, string>();
  const turn = takeTurns();
  for (const [file, text] of await readFiles(paths, listing, signal)) {
    await turn();
    signal.throwIfAborted();
    const next = await change(text, file, reader);
    if (next !== undefined) changed.set(file, next);
  }
  return changed;
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
