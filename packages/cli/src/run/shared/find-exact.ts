// Verbs that end or remove things take no name prefix: exact UID, exact name, unique UID prefix (CLI rule 10).
import { IgniteError } from '@ignite/api/errors';
import type { Client, VmDocument } from '@ignite/client';

/**
 * The VM a word means to `kill` and `rm`.
 * @throws IgniteError `cli/no-match`, also where only the beginning of a name fits
 */
export async function findExact(client: Client, word: string, signal: AbortSignal): Promise<VmDocument> {
  if (word === '') throw new IgniteError('cli/no-match', 'An empty word names no VM');
  const vm = await client.inspectVm(word, { signal });
  const { uid, name } = vm.metadata;
  if (name === word || uid.startsWith(word)) return vm;
  throw new IgniteError(
    'cli/no-match',
    `No VM is called "${word}"; the whole name "${name}" is needed to end or remove it`,
  );
}
