// What people changed by hand on the VMs of a source, as edits of its manifests: a stop or start, and what they asked
// `update` for. A manifest that somebody changed since is theirs: its VM's changes are dropped.
import { createHash } from 'node:crypto';
import type { DeclaredVm, FieldEdit, VmRecord } from '@ignite/api';

/** What `update` was asked for, until its manifest says so. */
export interface Proposal {
  readonly uid: string;
  readonly edits: readonly FieldEdit[];
  /** RFC 3339 */
  readonly at: string;
  /** What the manifest said then, by `fingerprint`. */
  readonly base: string;
}

/** One object's edits. */
export interface HandChange {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly edits: readonly FieldEdit[];
  readonly at: string;
}

/** The object that declares a VM. */
export function declaredFor(
  objects: readonly DeclaredVm[],
  { uid, name }: VmRecord['metadata'],
): DeclaredVm | undefined {
  return objects.find(({ metadata }) => (metadata.uid ? metadata.uid === uid : metadata.name === name));
}

/** The same for all VMs of a source: with thousands of both, to look through the objects for each takes seconds. */
function declaredIn(objects: readonly DeclaredVm[]): (vm: VmRecord['metadata']) => DeclaredVm | undefined {
  const places = { uid: new Map<string, number>(), name: new Map<string, number>() };
  for (const [index, { metadata }] of objects.entries()) {
    const [known, word = ''] = metadata.uid ? [places.uid, metadata.uid] : [places.name, metadata.name];
    if (!known.has(word)) known.set(word, index);
  }
  return ({ uid, name }) =>
    objects[Math.min(places.uid.get(uid) ?? Infinity, places.name.get(name) ?? Infinity)];
}

/** Same while an object says the same, wherever it stands. */
export function fingerprint({ metadata, spec }: DeclaredVm): string {
  return createHash('sha256')
    .update(JSON.stringify([metadata, spec]))
    .digest('hex')
    .slice(0, 16);
}

/**
 * Edits that the manifests of a source lack.
 * @param records of the source's VMs
 */
export function handChanges(
  records: readonly VmRecord[],
  objects: readonly DeclaredVm[],
  proposals: readonly Proposal[],
): readonly HandChange[] {
  const declared = declaredIn(objects);
  return records.flatMap(({ metadata, override }) => {
    const object = declared(metadata);
    if (object === undefined) return [];
    const asked = proposals.filter((one) => one.uid === metadata.uid && one.base === fingerprint(object));
    const held = override !== undefined && override.running !== wantsToRun(object) ? [override] : [];
    const edits = [
      ...held.map(({ running }) => runningEdit(object, running)),
      ...asked.flatMap((one) => one.edits),
    ];
    const at = [...held, ...asked]
      .map((one) => one.at)
      .sort()
      .at(-1);
    return at === undefined ? [] : [{ name: metadata.name, ...object.origin, edits, at }];
  });
}

/** The original says in status whether a VM should run, and nothing means no. */
function wantsToRun({ spec, legacy }: DeclaredVm): boolean {
  return spec.running ?? legacy !== true;
}

function runningEdit({ legacy }: DeclaredVm, running: boolean): FieldEdit {
  return { path: [legacy === true ? 'status' : 'spec', 'running'], value: running };
}
