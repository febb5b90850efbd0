// Programs of the host without which there is no network.
import { IgniteError } from '@ignite/api';
import { findProgram } from '../../host/index.ts';

/** Where `nft` or `ip` is missing nothing is begun. */
const PROGRAMS: readonly string[] = ['ip', 'nft'];

/**
 * Checked before anything is made: what is made could not be removed without them.
 * @throws IgniteError `host/program-missing`
 */
export async function requirePrograms(): Promise<void> {
  for (const name of PROGRAMS) {
    if ((await findProgram(name)) === undefined)
      throw new IgniteError('host/program-missing', `The program ${name} is not installed; networks need it`);
  }
}
