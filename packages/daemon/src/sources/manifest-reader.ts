// Reads and edits manifests: short ones here, long ones in a thread, for which the daemon's loop does not wait. A text of
// 250,000 lines takes seconds.
import { IgniteError, type Vm } from '@ignite/api';
import { Worker } from 'node:worker_threads';
import {
  doManifestJob,
  type Edited,
  type ManifestAnswer,
  type ManifestJob,
  type ManifestTask,
  type ObjectEdits,
} from './manifest-jobs.ts';
import type { ReadManifest } from './read-manifest.ts';

/** So many characters are read in some ten milliseconds; a thread takes longer to begin. */
const SHORT = 12_000;
/** How often a text is read to set one field and to see that nothing else has changed. */
const READINGS_OF_AN_EDIT = 3;
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
  /** As `editObjects`. @throws IgniteError `api/manifest-too-large` where a thread fails at it; the reason of the signal */
  edit(text: string, path: string, objects: readonly ObjectEdits[], signal: AbortSignal): Promise<Edited>;
  /** As `rewriteObject`. @throws as `edit` */
  rewrite(text: string, path: string, vm: Vm, signal: AbortSignal): Promise<string | undefined>;
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
  /** @param characters that are read in all */
  const work = async <K extends ManifestJob>(
    task: ManifestTask<K>,
    characters: number,
    signal: AbortSignal,
  ): Promise<ManifestAnswer<K>> => {
    if (characters <= SHORT) return doManifestJob(task);
    thread ??= begin();
    try {
      return await ask(thread, task, signal);
    } catch (error) {
      await end(); // the next text gets another one
      signal.throwIfAborted();
      throw error;
    }
  };
  return {
    read: async (text, path, signal) => {
      try {
        return await work({ job: 'read', words: [text, path] }, text.length, signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof IgniteError)) throw error;
        return { objects: [], problems: [{ file: path, message: error.message }] };
      }
    },
    edit: (text, path, objects, signal) => {
      const readings = READINGS_OF_AN_EDIT * objects.reduce((sum, { edits }) => sum + edits.length, 0);
      return work({ job: 'edit', words: [text, path, objects] }, readings * text.length, signal);
    },
    rewrite: (text, path, vm, signal) =>
      work({ job: 'rewrite', words: [text, path, vm] }, text.length, signal),
    [Symbol.asyncDispose]: end,
  };
}

async function ask<K extends ManifestJob>(
  thread: Worker,
  question: ManifestTask<K>,
  signal: AbortSignal,
): Promise<ManifestAnswer<K>> {
  const { promise, resolve, reject } = Promise.withResolvers<ManifestAnswer<K>>();
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
