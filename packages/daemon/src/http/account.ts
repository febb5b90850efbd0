// Who asked for what: one line of the audit log for each request that changes something, reaches into a guest, or hands
// out a key.
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isIgniteError, type OperationId, paths } from '@ignite/api';
import type { Engine } from '@ignite/engine';
import type { Handled } from './answer.ts';
import type { Match } from './router.ts';

type Peer = Awaited<ReturnType<Engine['peerOf']>>;

/**
 * Called once with how the request ended. Settles when it is known who asked, and then the answer may go out: a client that
 * has it closes its connection, and nobody can be asked any more.
 */
export type Close = (error?: unknown) => Promise<void>;

/** A host on which nothing moves does not keep an answer back for longer. */
const KNOWN_WITHIN_MS = 1_000;

export interface Accounts {
  /** Opens the account of a request; one that only looks has none. */
  open(match: Match, socket: Duplex): Close;
}

/** Operations that only read, but secrets. */
const SECRETS: ReadonlySet<OperationId> = new Set(['sshAccess']);

/** Accounts of one server. The kernel is asked once for each connection. */
export function createAccounts({ audit, peerOf }: Pick<Engine, 'audit' | 'peerOf'>): Accounts {
  const peers = new WeakMap<Socket, Promise<Peer>>();
  const ask = (socket: Duplex): Promise<Peer> => {
    if (!(socket instanceof Socket)) return Promise.resolve(undefined);
    const known = peers.get(socket) ?? peerOf(socket).catch(() => undefined);
    peers.set(socket, known);
    return known;
  };
  return {
    open: ({ id, ref }, socket) => {
      if (paths[id].method === 'GET' && !SECRETS.has(id)) return async () => {};
      const begun = performance.now();
      let open = true;
      const peer = ask(socket);
      return async (error) => {
        if (!open) return;
        open = false;
        const ms = Math.round(performance.now() - begun);
        const result = error === undefined ? 'ok' : isIgniteError(error) ? error.code : 'bug';
        const written = peer.then((who) =>
          audit.write({ operation: id, ...(ref === '' ? {} : { ref }), ...who, result, ms }),
        );
        await Promise.race([written, sleep(KNOWN_WITHIN_MS, undefined, { ref: false })]);
      };
    },
  };
}

/** The answer with its account: closed now, or when its long work has ended. */
export async function accounted(handled: Handled, close: Close): Promise<Handled> {
  if (handled.kind !== 'operation') {
    await close();
    return handled;
  }
  const run: typeof handled.run = async (report) => {
    try {
      const value = await handled.run(report);
      await close();
      return value;
    } catch (error) {
      await close(error);
      throw error;
    }
  };
  return { kind: 'operation', run };
}
