// The audit log: who asked the daemon for what, and how it ended. One file a day, the last thirty days. Writing it never
// holds up what it tells of, but its failure is told.
import { appendFile, mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, createQueue } from '../host/index.ts';
import { stateFile } from './files.ts';
import { guarded } from './state-errors.ts';

const DAYS = 30;

/** One request that changes something, or reaches into a guest. */
interface AuditEntry {
  /** Id of the API's operation: `startVm`. */
  readonly operation: string;
  /** The object as the client named it. */
  readonly ref?: string;
  /** Who connected, as the kernel says it; absent where it could not. */
  readonly uid?: number;
  readonly gid?: number;
  readonly pid?: number;
  /** `ok`, or the code of the error. */
  readonly result: string;
  readonly ms: number;
}

export interface Audit {
  write(entry: AuditEntry): void;
  /** Waits until all is written. */
  flush(): Promise<void>;
}

/** The log of a state directory. @param complain told when it cannot be written, once until it can again */
export function createAudit(
  root: string,
  clock: Pick<Clock, 'now'>,
  complain: (text: string, error: unknown) => void,
): Audit {
  const queue = createQueue();
  let failing = false;
  let today = '';

  const append = async (time: string, line: string) => {
    const day = time.slice(0, 10);
    const path = stateFile(root, 'audit', { day });
    await guarded('write', path, async () => {
      if (day !== today) await beginDay(root);
      today = day;
      await appendFile(path, line, { mode: 0o600 });
    });
  };

  return {
    write: (entry) => {
      const time = clock.now().toISOString();
      void queue(() => append(time, `${JSON.stringify({ time, ...entry })}\n`)).then(
        () => {
          failing = false;
        },
        (error: unknown) => {
          if (!failing) complain('The audit log cannot be written', error);
          failing = true;
        },
      );
    },
    flush: () => queue(async () => {}),
  };
}

async function beginDay(root: string): Promise<void> {
  const folder = join(stateFile(root, 'audit', { day: 'x' }), '..');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const days = (await readdir(folder)).filter((name) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name)).sort();
  for (const old of days.slice(0, Math.max(0, days.length - DAYS + 1))) await unlink(join(folder, old));
}
