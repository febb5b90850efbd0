// `ignite system start`: by systemd where it has our unit, else in the background. Again is no error.
import type { CommandContext } from '../context.ts';
import { hasUnits, startUnits } from '../system/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const { host, out, signal } = context;
  const running = await context.runningClient();
  const alone = host.uid !== 0 || host.env['IGNITE_STATE_DIR'] !== undefined;
  if (!alone && hasUnits({ root: '' })) await startUnits({ root: '', signal });
  const client = running ?? (await context.client());
  const { pid } = await client.version({ signal }); // the socket of systemd answers for a daemon that is not there yet
  out.note(running === undefined ? `Started the daemon (pid ${pid})` : `The daemon runs (pid ${pid})`);
  return 0;
}
