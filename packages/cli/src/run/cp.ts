// `ignite cp` (CLI rule 20). Silent on success (rule 13).
import { IgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { type Place, parsePlace } from '../copy/places.ts';

const WAIT_SECONDS = 30;

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands } = context;
  const [source, target] = [parsePlace(operands[0] ?? ''), parsePlace(operands[1] ?? '')];
  if (source.kind === 'vm' && target.kind === 'vm')
    throw new IgniteError('cli/copy', 'Files cannot be copied from one VM to another');
  if (source.kind !== 'vm' && target.kind !== 'vm')
    throw new IgniteError('cli/copy', 'Neither side names a VM');
  if (flags.has('identity')) return await bySsh(context, source, target);
  const client = await context.client();
  const vm = source.kind === 'vm' ? source.vm : target.kind === 'vm' ? target.vm : '';
  const guest = { client, vm, timeoutSeconds: flags.int('timeout') ?? WAIT_SECONDS, signal: context.signal };
  const { copyIn, copyOut } = await import('../copy/copy.ts');
  const copy = { context, guest, keepOwner: flags.bool('archive') };
  if (source.kind === 'vm' && target.kind !== 'vm') await copyOut(copy, source.path, target);
  else if (source.kind !== 'vm' && target.kind === 'vm') await copyIn(copy, source, target.path);
  return 0;
}

/** With a key the way is SSH (rule 5): the system's scp, which has no streams. */
async function bySsh(context: CommandContext, source: Place, target: Place): Promise<number> {
  const { spawnProgram, withTarget } = await import('../ssh/run-ssh.ts');
  if (source.kind === 'stream' || target.kind === 'stream')
    throw new IgniteError('cli/copy', 'A tar stream is copied without -i');
  const vm = source.kind === 'vm' ? source.vm : target.kind === 'vm' ? target.vm : '';
  return await withTarget(context, vm, async ({ address, options, log }) => {
    const word = (place: Exclude<Place, { kind: 'stream' }>) =>
      place.kind === 'vm'
        ? `${address}:${place.path}`
        : place.path.startsWith('/')
          ? place.path
          : `./${place.path}`;
    // Not -q, which would hush its ssh as well; without a terminal it shows no progress.
    return await spawnProgram('scp', ['-r', ...options, word(source), word(target)], log);
  });
}
