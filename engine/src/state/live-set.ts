// From lines to the live set: claims without `gone`, and the operation that has neither `done` nor `failed`. Pure.
import type { JournalLine } from './journal-line.ts';
import type { Claim, Operation, Resource, ResourceKind } from './port.ts';

/** What a journal file means. */
export interface LiveSet {
  /** In the order they were claimed. */
  readonly claims: ReadonlyMap<string, Claim>;
  readonly pending?: Operation;
}

export const EMPTY: LiveSet = { claims: new Map() };

/** Kinds that outlive a boot; their claims lie in the state directory and are made lasting (FORMATS, Journal, 2). */
const LASTING: ReadonlySet<ResourceKind> = new Set(['file', 'volume', 'cni', 'container', 'dm']);

/** Whether resources of that kind outlive a boot. */
export function isLasting(kind: ResourceKind): boolean {
  return LASTING.has(kind);
}

/** The key of a resource in a live set. */
export function resourceKey(resource: Resource): string {
  return `${resource.kind} ${resource.name}`;
}

/** The live set after one more line. */
export function applyLine(set: LiveSet, line: JournalLine): LiveSet {
  switch (line.k) {
    case 'begin':
      return {
        claims: set.claims,
        pending: { op: line.op, verb: line.verb ?? '', generation: line.gen ?? 0 },
      };
    case 'done':
    case 'failed':
      return { claims: set.claims };
    default:
      return { ...set, claims: applyClaim(set.claims, line) };
  }
}

/** Leaves out what cannot exist any more: boot-lived claims of another boot (FORMATS, Journal, 7). */
export function dropOtherBoots(set: LiveSet, boot: string): LiveSet {
  const kept = [...set.claims].filter(([, claim]) => isLasting(claim.kind) || claim.boot === boot);
  return { ...set, claims: new Map(kept) };
}

function applyClaim(claims: LiveSet['claims'], line: JournalLine): LiveSet['claims'] {
  if (line.res === undefined || line.name === undefined) return claims;
  const resource: Resource = { kind: line.res, name: line.name };
  const key = resourceKey(resource);
  const next = new Map(claims);
  if (line.k === 'gone') {
    next.delete(key);
    return next;
  }
  const before = claims.get(key);
  const data = line.d ?? before?.data;
  next.set(key, {
    ...resource,
    ...(data === undefined ? {} : { data }),
    made: line.k === 'made' || before?.made === true,
    boot: line.boot,
  });
  return next;
}
