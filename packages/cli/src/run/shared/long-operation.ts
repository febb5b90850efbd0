// A long operation with its progress shown.
import type { Client, OperationOptions } from '@ignite/client';
import type { CommandContext } from '../../context.ts';
import { showProgress } from '../../output/progress.ts';

/** Runs `act` with the daemon, a report and a signal; takes the progress away at its end. */
export async function longOperation<T>(
  context: CommandContext,
  act: (client: Client, call: OperationOptions) => Promise<T>,
): Promise<T> {
  const client = await context.client();
  const view = showProgress(context.out);
  try {
    return await act(client, { signal: context.signal, report: view.report });
  } finally {
    view.done();
  }
}
