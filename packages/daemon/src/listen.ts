// The daemon's socket: systemd's, where it handed one over, else our own in the run directory.
import { chmod, chown, readFile, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** First descriptor that systemd hands over (sd_listen_fds(3)). */
const SYSTEMD_FD = 3;
const GROUP = 'ignite';
/** A client that lives has read the last words of its stream by then; one that stands still never will. */
const LAST_WORDS_MS = 1_000;

export interface ListenInput {
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
}

/**
 * Begins to listen. Whoever calls holds the lock of the state directory, so a socket that is there is a dead one.
 * @returns how to stop listening and remove what was made
 */
export async function listen(server: Server, { path, env, pid }: ListenInput): Promise<() => Promise<void>> {
  const open = connectionsOf(server);
  if (env['LISTEN_PID'] === String(pid) && Number(env['LISTEN_FDS'] ?? 0) >= 1) {
    await started(server, () => server.listen({ fd: SYSTEMD_FD }));
    return () => closed(server, open);
  }
  await rm(path, { force: true });
  const before = process.umask(0o177); // nobody else may connect before the group is set
  try {
    await started(server, () => server.listen(path));
  } finally {
    process.umask(before);
  }
  await openToGroup(path);
  return async () => {
    await closed(server, open);
    await rm(path, { force: true });
  };
}

/** 0660 root:ignite where that group exists: its members are equivalent to root (DESIGN D9). */
async function openToGroup(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const gid = groupId(await readFile('/etc/group', 'utf8').catch(() => ''));
  if (gid === undefined) return;
  await chown(path, 0, gid);
  await chmod(path, 0o660);
}

function groupId(groups: string): number | undefined {
  const row = groups.split('\n').find((line) => line.startsWith(`${GROUP}:`));
  return row === undefined ? undefined : Number(row.split(':')[2]);
}

async function started(server: Server, begin: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('listening', resolve);
  server.once('error', reject);
  begin();
  await promise;
}

/** All that are open. An upgraded one is out of the HTTP server's sight, which waits for it all the same. */
function connectionsOf(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

async function closed(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  const cut = setTimeout(() => {
    for (const socket of open) socket.destroy();
  }, LAST_WORDS_MS);
  await promise;
  clearTimeout(cut);
}
