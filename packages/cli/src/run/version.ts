// `ignite version`. Starts no daemon.
import { versionText } from '@ignite/api/program-version';
import type { CommandContext } from '../context.ts';
import { BUILD_COMMIT, VERSION } from '../version.ts';

export async function run({ flags, out }: CommandContext): Promise<number> {
  const form = flags.string('output');
  if (form !== undefined) out.data(await versionText(form, VERSION, BUILD_COMMIT));
  else
    out.data(
      `Ignite version ${VERSION}${BUILD_COMMIT === '' ? '' : ` (${BUILD_COMMIT})`}, Node ${process.versions.node}`,
    );
  return 0;
}
