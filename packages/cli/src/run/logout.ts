// `ignite logout`: no daemon is needed.
import type { CommandContext } from '../context.ts';
import { configFile, forgetLogin, loginServer } from '../credentials/index.ts';

export async function run({ flags, host, operands, out }: CommandContext): Promise<number> {
  const server = loginServer(operands[0]);
  const path = configFile(host, flags.string('registry-config-dir'));
  const known = await forgetLogin(host, path, server);
  out.note(
    known ? `Removed the login to ${server.registry}` : `There is no login to ${server.registry} in ${path}`,
  );
  return 0;
}
