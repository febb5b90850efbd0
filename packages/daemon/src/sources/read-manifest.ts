// From the text of one manifest to the VMs it declares, or to what is wrong with it, each fault with its place.
import { type DeclaredVm, IgniteError, parseManifest, type SourceProblem } from '@ignite/api';

export interface ReadManifest {
  readonly objects: readonly DeclaredVm[];
  readonly problems: readonly SourceProblem[];
}

/** Reads the VMs of a text; objects of other kinds and groups are passed over. */
export function readManifest(text: string, path: string): ReadManifest {
  try {
    return { objects: vmsOf(text, path), problems: [] };
  } catch (error) {
    if (!(error instanceof IgniteError)) throw error;
    return { objects: [], problems: problemsOf(path, error) };
  }
}

function vmsOf(text: string, path: string): readonly DeclaredVm[] {
  return parseManifest(text, path, { foreign: 'skip' }).flatMap((manifest) => {
    if (manifest.kind !== 'VM') return [];
    const { metadata, spec, origin, legacy, idPrefix } = manifest;
    const object = { metadata, spec, origin: { ...origin }, ...(legacy ? { legacy } : {}) };
    return [idPrefix === undefined ? object : { ...object, idPrefix }];
  });
}

/** Every fault with its place becomes a problem of its own. */
export function problemsOf(file: string, error: IgniteError): readonly SourceProblem[] {
  const { violations } = error.details;
  if (!Array.isArray(violations)) return [{ file, message: error.message }];
  return violations.map((text: string) => {
    const [, line, column, message = text] = /^line (\d+), column (\d+): (.*)$/s.exec(text) ?? [];
    return {
      file,
      ...(line === undefined ? {} : { line: Number(line), column: Number(column) }),
      message,
    };
  });
}
