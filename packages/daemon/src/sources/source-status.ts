// The status of a source, in full for the API and in one line for the log.
import type { SourceStatus } from '@ignite/api';
import type { Engine } from '@ignite/engine';
import { errorBodyOf } from '../http/errors.ts';
import { itemOf } from '../http/handlers/declare.ts';
import { consentWish, needsConsent } from './consent.ts';
import type { Origin } from './port.ts';
import type { Memory } from './source-memory.ts';

/** Everything of a source that others may know. */
export function statusOf(
  { origin, engine }: { readonly origin: Origin; readonly engine: Pick<Engine, 'vms'> },
  memory: Memory,
): SourceStatus {
  const { tree, items, error, writeBack } = memory;
  const waiting = waitingFor(memory);
  const branch = origin.branch?.();
  const managed = engine.vms.look().filter(({ record }) => record.manager === origin.manager).length;
  return {
    name: origin.manager,
    kind: origin.kind,
    state: stateOf(memory),
    ...(tree === undefined ? {} : { revision: tree.revision }),
    ...(memory.applied === undefined ? {} : { applied: memory.applied }),
    ...(branch === undefined ? {} : { branch }),
    ...(memory.lookedAt === undefined ? {} : { lookedAt: memory.lookedAt }),
    ...(memory.appliedAt === undefined ? {} : { appliedAt: memory.appliedAt }),
    notes: [...(tree?.notes ?? [])],
    ...(error === undefined ? {} : { error: errorBodyOf(error) }),
    problems: [...(tree?.problems ?? [])],
    looks: { ...memory.looks },
    ...(writeBack === undefined ? {} : { writeBack: writeBack.status() }),
    ...(waiting === undefined ? {} : { waiting }),
    declared: tree?.objects.length ?? 0,
    managed,
    items: items
      .filter(({ action, error, drift }) => action !== 'keep' || error !== undefined || drift !== undefined)
      .map(itemOf),
  };
}

/** What a person has to decide. */
function waitingFor({ waiting, items }: Memory): string | undefined {
  return [waiting ?? [], consentWish(items) ?? []].flat().join('; ') || undefined;
}

function stateOf({ tree, error, waiting, items, writeBack }: Memory): SourceStatus['state'] {
  if (error !== undefined) return 'unreachable';
  if (tree === undefined) return 'starting';
  const unwritten = writeBack?.status().error !== undefined;
  const failed = items.some((item) => item.error !== undefined && !needsConsent(item));
  if (unwritten || tree.problems.length > 0 || failed) return 'failing';
  return waiting === undefined && !items.some(needsConsent) ? 'good' : 'waiting';
}

/** One line for the log, said when it changes. */
export function sentence({
  name,
  state,
  applied,
  declared,
  problems,
  items,
  error,
  waiting,
}: SourceStatus): string {
  const failed = items.filter((item) => item.error !== undefined);
  const but = failed.length === 0 ? '' : ` but for ${failed.length} of its VMs`;
  return [
    `${name}: ${state}, ${applied === undefined ? 'nothing' : applied.slice(0, 12)} applied${but}, ${declared} declared`,
    ...problems
      .slice(0, 10)
      .map(
        ({ file, line, column, message }) =>
          `${file}${line === undefined ? '' : `:${line}:${column ?? 1}`} ${message}`,
      ),
    ...failed.slice(0, 10).map((item) => `${item.name}: ${item.error?.message ?? ''}`),
    ...(error === undefined ? [] : [error.message, ...error.causes.slice(0, 1)]),
    ...(waiting === undefined ? [] : [waiting]),
  ].join('; ');
}
