// `ignite system stop`: ends the daemon; VMs keep running, or with --vms are stopped first, with --host-shutdown as the
// host's doing. None running is no error.
import type { CommandContext } from '../context.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, out, signal } = context;
  const host = flags.bool('host-shutdown');
  const vms = flags.bool('vms') || host;
  // VMs outlive their daemon: to stop them one is needed.
  const client = vms ? await context.client() : await context.runningClient();
  if (client === undefined) out.note('No daemon runs');
  else await client.shutdown(vms ? { vms, ...(host ? { host } : {}) } : {}, { signal });
  return 0;
}
