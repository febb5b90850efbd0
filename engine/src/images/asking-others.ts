// Work over blobs that may come from a mirror: if one sent wrong bytes, the work that read them has to begin again.
import type { RegistrySession } from './registry/index.ts';
import type { Caller } from '../work/index.ts';

/** Runs work, and runs it again where it failed for the bytes of a mirror: the next run asks those behind it. */
export async function askingOthers<T>(
  session: RegistrySession | undefined,
  { report }: Caller,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (session === undefined || !session.avoid(error)) throw error;
      const said = error instanceof Error ? error.message : String(error);
      report({ kind: 'note', text: `${said}; this mirror is not asked again` });
    }
  }
}
