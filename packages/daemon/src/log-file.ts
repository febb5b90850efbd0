// The log of a daemon that nobody redirects elsewhere: a file that is bounded. It is copied and cut, not renamed, so that
// what Node itself prints at a crash still goes to the same file: descriptor 2 is opened for appending.
import { copyFileSync, fstatSync, ftruncateSync, renameSync, statSync, writeSync } from 'node:fs';

export interface LogLimits {
  readonly maxBytes: number;
  /** Files kept in addition to the one that is written: `ignited.log.1` is the newest. */
  readonly files: number;
}

const LIMITS: LogLimits = { maxBytes: 10 << 20, files: 2 };

/** What a logger writes to. A line that cannot be written is lost: a full disk, or a terminal that is gone, must not end the daemon. */
export interface LogFile {
  write(line: string): void;
}

/** Writes to a descriptor at once. */
export function openLog(fd: number): LogFile {
  return {
    write: (line) =>
      quietly(() => {
        for (let rest: Uint8Array = Buffer.from(line); rest.length > 0; )
          rest = rest.subarray(writeSync(fd, rest));
      }),
  };
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // there is nowhere to report it
  }
}

/**
 * The log file behind a descriptor, bounded.
 * @param path of the log; older ones are in the same folder
 * @returns undefined where the descriptor is not that file: a terminal, systemd's journal
 */
export function logFile(
  fd: number,
  path: string,
  { maxBytes, files }: LogLimits = LIMITS,
): LogFile | undefined {
  if (!isOpenAs(fd, path)) return undefined;
  let size = fstatSync(fd).size;
  const begin = () => {
    quietly(() => keepOld(path, files));
    ftruncateSync(fd);
    size = 0;
  };
  return {
    write: (line) =>
      quietly(() => {
        if (size >= maxBytes) begin();
        size += writeSync(fd, line);
      }),
  };
}

function keepOld(path: string, files: number): void {
  for (let number = files - 1; number >= 1; number -= 1) {
    try {
      renameSync(`${path}.${number}`, `${path}.${number + 1}`);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  copyFileSync(path, `${path}.1`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function isOpenAs(fd: number, path: string): boolean {
  const open = fstatSync(fd);
  const there = statSync(path, { throwIfNoEntry: false });
  return open.isFile() && there?.ino === open.ino && there.dev === open.dev;
}
