// The lock of the one daemon (DESIGN D1): an fcntl lock, taken by SQLite because Node has no call of its own for it.
// The kernel drops it with the process, `kill -9` included, and children do not inherit it. The file stays empty.
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { IgniteError } from '@ignite/api/errors';
import { stateError } from './state-errors.ts';

const SQLITE_BUSY = 5; // sqlite.org/rescode.html

/**
 * Takes the lock at `path`, at once or not at all.
 * @throws IgniteError `state/locked` with the holder's pid where the kernel shows it
 */
export function lockState(path: string): Disposable {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    throw isBusy(error) ? locked(path, error) : stateError('lock', path, reasonOf(path, error));
  }
  const held = database;
  return { [Symbol.dispose]: () => held.close() };
}

/** The process that holds the lock (proc(5), /proc/locks: `1: POSIX ADVISORY WRITE pid major:minor:inode …`). */
export function lockHolder(path: string): number | undefined {
  try {
    const inode = String(statSync(path).ino);
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const [, kind, , mode, pid, file = ''] = line.split(/\s+/);
      const number = Number(pid);
      if (kind === 'POSIX' && mode === 'WRITE' && file.split(':')[2] === inode && number > 0) return number;
    }
  } catch {
    // /proc/locks is missing in some containers; the pid is only a help
  }
  return undefined;
}

/** SQLite says only that it failed; the folder shows why. The file itself must not be opened here: closing any
 * descriptor of it would drop a lock that this process holds (fcntl(2), F_SETLK). */
function reasonOf(path: string, error: unknown): unknown {
  try {
    accessSync(dirname(path), constants.W_OK);
    return error;
  } catch (reason) {
    return reason;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function locked(path: string, cause: unknown): IgniteError {
  const pid = lockHolder(path);
  const who = pid === undefined ? 'another daemon' : `the daemon with pid ${pid}`;
  return new IgniteError('state/locked', `The state directory of ${path} is in use by ${who}`, {
    cause,
    details: pid === undefined ? { path } : { path, pid },
  });
}
