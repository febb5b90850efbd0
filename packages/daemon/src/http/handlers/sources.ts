// Sources: attached for as long as the client stays, listed, approved, looked at on demand.
import type { Sources } from '../../sources/sources.ts';
import type { Handlers } from '../handler.ts';

type SourceOperations = 'attachSource' | 'listSources' | 'approveSource' | 'syncSource';

/** The operations on sources of manifests. */
export function sourceHandlers(sources: Sources): Pick<Handlers, SourceOperations> {
  return {
    attachSource: async ({ body, report, signal }) => {
      await sources.attach(body, (text) => report({ kind: 'note', text }), signal);
      return { withdrawn: true };
    },
    listSources: async () => ({ items: [...sources.list()] }),
    approveSource: ({ ref }) => sources.find(ref).approve(),
    syncSource: ({ ref, signal }) => sources.find(ref).sync(signal),
  };
}
