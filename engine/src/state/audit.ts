// The audit log: who asked the daemon for what, and how it ended. One file a day, kept for thirty days. Writing never delays
// the request, but a failure to write is reported.
import { appendFile, mkdir, readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Clock, createQueue } from '../host/index.ts';
import { stateFile } from './files.ts';
import { guarded } from './state-errors.ts';

const DAYS = 30;
const FILE_OF_DAY = /^\d{4}-\d\d-\d\d\.jsonl$/;

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

/** The log of a state directory. @param complain called at the first failed write, and again only after one that succeeded */
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
      if (day !== today) await dropOldDays(path);
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

/** Makes room for the file of a day, which a daemon that ran before may have begun. */
async function dropOldDays(path: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const others = (await readdir(folder)).filter((name) => FILE_OF_DAY.test(name) && name !== basename(path));
  for (const old of others.sort().slice(0, Math.max(0, others.length - (DAYS - 1))))
    await unlink(join(folder, old));
}
