// Changes that only a new VM can have cost its disk: they wait until a person allows them, VM by VM and for one revision.
import { isIgniteError } from '@ignite/api';
import type { Planned } from '@ignite/engine';

/** What a person has allowed. */
export interface Consent {
  readonly revision: string;
  /** VMs that may be made anew. */
  readonly uids: readonly string[];
}

/** Whether a VM waits to be made anew. */
export function needsConsent({ error }: Pick<Planned, 'error'>): boolean {
  return isIgniteError(error, 'vm/needs-recreate');
}

/** What is to be said of those that wait; undefined where none does. */
export function consentWish(items: readonly Planned[]): string | undefined {
  const names = items.filter(needsConsent).map(({ name }) => name);
  if (names.length === 0) return undefined;
  const [few, more] = [
    names.slice(0, 10).join(', '),
    names.length > 10 ? ` and ${names.length - 10} more` : '',
  ];
  const it = names.length === 1 ? 'it is' : 'they are';
  return `${few}${more} can only be as declared when ${it} made anew, with a new disk; waiting for approval`;
}

/** The consent of somebody who has seen these items. */
export function consentTo(items: readonly Planned[], revision: string): Consent | undefined {
  const uids = items.filter(needsConsent).flatMap(({ uid }) => uid ?? []);
  return uids.length === 0 ? undefined : { revision, uids };
}

/** What is left of a consent after a look: each VM is made anew once. */
export function usedConsent(consent: Consent | undefined, items: readonly Planned[]): Consent | undefined {
  if (consent === undefined) return undefined;
  const done = new Set(
    items.flatMap(({ action, error, uid }) =>
      action === 'recreate' && error === undefined ? (uid ?? []) : [],
    ),
  );
  const uids = consent.uids.filter((uid) => !done.has(uid));
  if (uids.length === consent.uids.length) return consent;
  return uids.length === 0 ? undefined : { ...consent, uids };
}

/** Reads what was kept. */
export function readConsent(value: unknown): Consent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { revision, uids } = value as Record<string, unknown>;
  if (typeof revision !== 'string' || !Array.isArray(uids)) return undefined;
  return { revision, uids: uids.filter((uid) => typeof uid === 'string') };
}
