// Reads manifests: short ones here, long ones in a thread, for which the daemon's loop does not wait. A text of 250,000
// lines takes seconds.
import { IgniteError } from '@ignite/api';
import { Worker } from 'node:worker_threads';
import { type ReadManifest, readManifest } from './read-manifest.ts';

/** So many characters are read in some ten milliseconds; a thread takes longer to begin. */
const SHORT = 12_000;
/** Of the thread's heap; 16 MiB of text with 250,000 items take a third of it. */
const HEAP_MIB = 1_536;
/** A hundred times what the longest text takes on an idle host. */
const DEADLINE_MS = 300_000;
const MODULE = import.meta.url.endsWith('.ts') ? './manifest-thread.ts' : './manifest-thread.js';

export interface ManifestReader extends AsyncDisposable {
  /**
   * The VMs of one text; a thread that fails at it is a problem of that text.
   * @throws the reason of the signal
   */
  read(text: string, path: string, signal: AbortSignal): Promise<ReadManifest>;
}

/** A reader for one look at a tree; its thread begins with the first long text and ends with it. */
export function openManifestReader(): ManifestReader {
  let thread: Worker | undefined;
  const end = async () => {
    const ending = thread;
    thread = undefined;
    await ending?.terminate();
  };
  const begin = (): Worker => {
    const begun = new Worker(new URL(MODULE, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    begun.on('error', () => {}); // a pending request rejects with it; between two requests it does not matter
    begun.once('exit', () => {
      if (thread === begun) thread = undefined;
    });
    return begun;
  };
  return {
    read: async (text, path, signal) => {
      if (text.length <= SHORT) return readManifest(text, path);
      thread ??= begin();
      try {
        return await ask(thread, { text, path }, signal);
      } catch (error) {
        await end(); // the next text gets another one
        signal.throwIfAborted();
        if (error instanceof IgniteError)
          return { objects: [], problems: [{ file: path, message: error.message }] };
        throw error;
      }
    },
    [Symbol.asyncDispose]: end,
  };
}

async function ask(
  thread: Worker,
  question: { readonly text: string; readonly path: string },
  signal: AbortSignal,
): Promise<ReadManifest> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadManifest>();
  const fail = (why: string, cause?: unknown) =>
    reject(new IgniteError('api/manifest-too-large', `is not read: ${why}`, { cause }));
  const over = setTimeout(() => fail('it takes too long'), DEADLINE_MS);
  const given = () => reject(signal.reason);
  const failed = (cause: Error) => fail(`it needs too much memory or is wrong (${cause.message})`, cause);
  const ended = () => fail('its thread has ended');
  thread.once('message', resolve).once('error', failed).once('exit', ended);
  signal.addEventListener('abort', given, { once: true });
  try {
    signal.throwIfAborted();
    thread.postMessage(question);
    return await promise;
  } finally {
    clearTimeout(over);
    signal.removeEventListener('abort', given);
    thread.off('message', resolve).off('error', failed).off('exit', ended);
  }
}
