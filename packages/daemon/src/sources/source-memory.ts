// What a source remembers: between two looks all of it, over a restart what was applied and approved and what is not
// written back yet.
import type { IgniteError } from '@ignite/api';
import type { Planned, SourcePlace } from '@ignite/engine';
import type { Listing, Tree } from './port.ts';
import { type Consent, readConsent } from './consent.ts';
import type { WriteBack } from './write-back/create-write-back.ts';

/** What is remembered between two looks of a source. */
export interface Memory {
  readonly looks: { count: number; failed: number; seconds: number };
  listing?: Listing;
  tree?: Tree;
  readonly writeBack?: WriteBack;
  items: readonly Planned[];
  applied?: string;
  appliedAt?: string;
  lookedAt?: string;
  error?: IgniteError | undefined;
  waiting?: string | undefined;
  approved?: string;
  consent?: Consent | undefined;
  approvable: boolean;
}

/** Fills in what was kept; nothing where it cannot be read. */
export async function loadMemory({ applied }: SourcePlace, memory: Memory): Promise<void> {
  const value = await applied.load().catch(() => undefined);
  if (typeof value !== 'object' || value === null) return;
  const { revision, at, approved, consent } = value as Record<string, unknown>;
  if (typeof revision === 'string') memory.applied = revision;
  if (typeof at === 'string') memory.appliedAt = at;
  if (typeof approved === 'string') memory.approved = approved;
  memory.consent = readConsent(consent);
  memory.writeBack?.restore((value as Record<string, unknown>)['writeBack']);
}

/** Stores what must survive the daemon. @throws the error of the file system */
export async function saveMemory({ applied }: SourcePlace, memory: Memory): Promise<void> {
  await applied.save({
    revision: memory.applied,
    at: memory.appliedAt,
    approved: memory.approved,
    ...(memory.consent === undefined ? {} : { consent: memory.consent }),
    ...(memory.writeBack === undefined ? {} : { writeBack: memory.writeBack.memory() }),
  });
}
