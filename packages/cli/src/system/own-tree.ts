// Where this Ignite lies: the prefix it was installed below, or a work tree; and what came with it for systemd.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CliHost } from '../host.ts';

export interface OwnTree {
  /** `/usr/local`: `bin/ignite` is below it. */
  readonly prefix: string;
  /** Templates of the systemd units; undefined where they did not come with it. */
  readonly units: string | undefined;
  /** It was installed, so that removing it is ours; a work tree is its owner's. */
  readonly installed: boolean;
}

const UNITS = ['lib/ignite/systemd', 'packaging/systemd'] as const;

/** By the launcher that started us, or above this file. */
export function ownTree(env: CliHost['env']): OwnTree {
  const bin = env['IGNITE_BIN_DIR'];
  const prefix = resolve(bin === undefined ? join(import.meta.dirname, '../../../..') : join(bin, '..'));
  const units = UNITS.map((name) => join(prefix, name)).find((folder) => existsSync(folder));
  return { prefix, units, installed: existsSync(join(prefix, 'lib/ignite/node')) };
}
