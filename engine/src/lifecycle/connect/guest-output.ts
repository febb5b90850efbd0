// Runs a command in a guest to its end and keeps the beginning of its output. A guest is not trusted: its output is limited,
// and it is given up when the signal aborts.
import type { GuestExit, GuestSession } from '../../guest/port.ts';

const SIGKILL = 9;

interface GuestOutput {
  readonly exit: GuestExit;
  readonly out: string;
  readonly err: string;
}

/**
 * @param most characters kept of each stream
 * @throws the signal's reason; what the session throws
 */
export async function guestOutput(
  session: GuestSession,
  request: { readonly argv: readonly string[]; readonly user?: string },
  most: number,
  until: AbortSignal,
): Promise<GuestOutput> {
  const stream = await session.exec({ ...request, env: [], detached: false });
  stream.stdin.end();
  const gone = Promise.withResolvers<never>();
  const end = () => {
    stream.signal(SIGKILL);
    stream.reset();
    gone.reject(until.reason);
  };
  until.addEventListener('abort', end, { once: true });
  if (until.aborted) end();
  try {
    const all = Promise.all([stream.exit, begin(stream.stdout, most), begin(stream.stderr, most)]);
    const [exit, out, err] = await Promise.race([all, gone.promise]);
    return { exit, out, err };
  } finally {
    until.removeEventListener('abort', end);
  }
}

/** The beginning of an output; the rest is read and dropped. */
async function begin(stream: NodeJS.ReadableStream, most: number): Promise<string> {
  let seen = '';
  for await (const piece of stream) if (seen.length < most) seen += String(piece);
  return seen.slice(0, most);
}
