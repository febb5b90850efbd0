// `ignited daemon` and `ignited gitops` while a daemon runs: the folder or repository is handed to that daemon and withdrawn
// when this process ends (CLI rule 22). VMs stay.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { type AttachSource, IgniteError } from '@ignite/api';

/** Settles when the connection ends. @throws IgniteError `daemon/handed-over` with what the other daemon said */
export async function handOver(
  socketPath: string,
  source: AttachSource,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const sent = request({
    socketPath,
    method: 'POST',
    path: '/v1/sources',
    signal,
    headers: { 'Content-Type': 'application/json' },
  });
  sent.end(JSON.stringify(source));
  try {
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    for await (const line of createInterface({ input: answer })) tell(line, say);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof IgniteError) throw error;
    throw new IgniteError('daemon/handed-over', `The connection to the daemon at ${socketPath} ended`, {
      cause: error,
    });
  }
}

function tell(line: string, say: (text: string) => void): void {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) return;
  if ('progress' in value) {
    const { progress } = value;
    if (
      typeof progress === 'object' &&
      progress !== null &&
      'text' in progress &&
      typeof progress.text === 'string'
    )
      say(progress.text);
  }
  if (!('error' in value)) return;
  const { error } = value;
  const text =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : line;
  throw new IgniteError('daemon/handed-over', text);
}
