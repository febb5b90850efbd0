// `--tmpfs PATH[:OPTION,…]`: file systems in the guest's memory, in Docker's words.
import type { RequestBody } from '@ignite/api';
import { formatSize, parseSize } from '@ignite/api/sizes';
import { usage } from '../usage-error.ts';

type Tmpfs = NonNullable<RequestBody<'createVm'>['spec']['tmpfs']>[number];

/** Docker's words that hold anyway. */
const GIVEN = new Set(['rw', 'nosuid', 'nodev', 'noexec']);

/** @throws IgniteError `cli/usage` naming the option that is none */
export function readTmpfs(words: readonly string[]): Tmpfs[] {
  return words.map((word) => {
    const [, path, options = ''] = /^(\/[^:]*)(?::(.*))?$/s.exec(word) ?? [];
    if (path === undefined)
      throw usage(`--tmpfs takes PATH[:size=SIZE,mode=MODE,exec] with an absolute PATH, not "${word}"`);
    return options
      .split(',')
      .filter((option) => option !== '' && !GIVEN.has(option))
      .reduce<Tmpfs>((tmpfs, option) => ({ ...tmpfs, ...readOption(option, word) }), { path });
  });
}

function readOption(option: string, word: string): Partial<Tmpfs> {
  const [, name, value = ''] = /^(size|mode|exec)(?:=(.+))?$/.exec(option) ?? [];
  if (name === 'exec' && value === '') return { exec: true };
  if (name === 'mode' && /^[0-7]{3,4}$/.test(value)) return { mode: value };
  if (name === 'size') return { size: readSize(value, word) };
  throw usage(`--tmpfs ${word}: "${option}" is none of size=SIZE, mode=MODE, exec`);
}

function readSize(value: string, word: string): string {
  try {
    return formatSize(parseSize(value));
  } catch (cause) {
    throw usage(`--tmpfs ${word}: size takes a size such as 64m, not "${value}"`, cause);
  }
}
