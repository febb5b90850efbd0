// Waits until a guest's sshd greets: `start --ssh` returns when one can log in.
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const SSH_PORT = 22;
/** Time for one try: each starts a process of the guest's sshd, so that more of them make a slow guest slower still. */
const ATTEMPT_MS = 10_000;
const BETWEEN_MS = 100;

/** Settles at the first SSH banner (RFC 4253 section 4.2); rejects with the signal's reason. */
export async function waitForSsh(address: string, signal: AbortSignal): Promise<void> {
  while (!(await greets(address, signal))) await delay(BETWEEN_MS, undefined, { signal });
}

async function greets(address: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: address, port: SSH_PORT });
  const no = () => resolve(false);
  socket.setTimeout(ATTEMPT_MS, no);
  socket.once('error', no);
  socket.once('close', no);
  socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1').startsWith('SSH-')));
  signal.addEventListener('abort', no, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', no);
    socket.destroy();
  }
}
