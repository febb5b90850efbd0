// In which fields a declared VM and the one that is there differ, and when a change of each takes effect.
import type { DeclaredVm, VmRecord, VmSpec } from '@ignite/api';
import { API_MANAGER, diffSpec, type FieldChange, same } from '../lifecycle/index.ts';
import type { Change, DeclareRequest } from './port.ts';

/** What is different. @param wanted the declared spec with all that is left open filled in */
export function differences(
  object: DeclaredVm,
  record: VmRecord,
  wanted: VmSpec,
  request: DeclareRequest,
): readonly FieldChange[] {
  return [
    ...diffFiles(object, record, diffSpec(record.spec, wanted)),
    ...diffMetadata(object, record, request),
  ];
}

/** The same paths with other files behind them; where somebody did not look, paths are all that is known. */
function diffFiles(
  { filesDigest: to }: DeclaredVm,
  { bound: { filesDigest: from } }: VmRecord,
  fields: readonly FieldChange[],
): readonly FieldChange[] {
  const path = 'spec.copyFiles';
  const told = to === undefined || from === undefined || fields.some((field) => field.path === path);
  return told || to === from ? fields : [...fields, { path, from, to, effect: 'recreate' }];
}

function diffMetadata(
  { metadata, origin }: DeclaredVm,
  record: VmRecord,
  { manager }: DeclareRequest,
): readonly FieldChange[] {
  const live = (path: string, from: unknown, to: unknown): FieldChange[] =>
    same(from, to) ? [] : [{ path, from, to, effect: 'live' }];
  return [
    ...live('metadata.labels', record.metadata.labels, metadata.labels),
    ...live('metadata.annotations', record.metadata.annotations, metadata.annotations),
    ...live('manager', record.manager, manager),
    ...(manager === API_MANAGER ? [] : live('origin.file', record.origin?.file, origin.file)),
  ];
}

/**
 * A difference as people and programs are shown it.
 * @param onChange the manifest's own word on what a change may do
 */
export function shown(
  { path, from, to, effect }: FieldChange,
  running: boolean,
  onChange: string | undefined,
): Change {
  const atStart = running && onChange !== 'next-start' ? 'restart' : 'next start';
  return {
    path,
    ...(from === undefined ? {} : { from: JSON.stringify(from) }),
    ...(to === undefined ? {} : { to: JSON.stringify(to) }),
    when: effect === 'start' ? atStart : effect,
  };
}
