// Where our native programs are: next to the bundled daemon in an installation, in build/ in a checkout.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IgniteError } from '@ignite/api';

export interface Programs {
  readonly spawn: string;
  readonly init: string;
  /** Entry of the import worker, where it is a bundle of its own. */
  readonly importWorker?: string;
}

/**
 * @param here URL of the running module
 * @throws IgniteError `daemon/incomplete` when they were not built
 */
export function findPrograms(here: string): Programs {
  const folder = dirname(fileURLToPath(here));
  const candidates = [
    join(folder, 'native'),
    join(folder, '../build/native'),
    join(folder, '../../../build/native'),
  ];
  const native = candidates.find(
    (path) => existsSync(join(path, 'ignite-spawn')) && existsSync(join(path, 'ignite-init')),
  );
  if (native === undefined)
    throw new IgniteError(
      'daemon/incomplete',
      `ignite-spawn and ignite-init are in none of ${candidates.join(', ')}`,
    );
  const importWorker = join(folder, 'import-worker.js');
  return {
    spawn: join(native, 'ignite-spawn'),
    init: join(native, 'ignite-init'),
    ...(existsSync(importWorker) ? { importWorker } : {}),
  };
}
