// Takes an ordinary identity for good. setpriv(1) has already ruled out getting rights back through a program.
import type { WorkerUser } from './messages.ts';

/**
 * Becomes `user`; without one the process stays who it is, which only an ordinary user may.
 * @throws Error when the identity did not change: then nothing may be read
 */
export function dropRights(user: WorkerUser | undefined): void {
  process.umask(0o077);
  if (user === undefined) return;
  if (process.getuid?.() === user.uid) return;
  process.setgroups?.([]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
  if (process.getuid?.() !== user.uid || process.geteuid?.() !== user.uid || process.getgid?.() !== user.gid)
    throw new Error('The worker kept rights that it must not have');
}
