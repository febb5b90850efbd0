// `format.json`: what may read a state directory, and whose it is (DESIGN D10, D13). Read before anything is touched.
import { randomBytes } from 'node:crypto';
import { IgniteError } from '@ignite/api/errors';
import { makeFolder, namesIn, readIfThere, writeFileAtomic } from '../host/index.ts';
import { STATE_FILES, stateFile } from './files.ts';
import { guarded } from './state-errors.ts';

/** The format this code writes, and the oldest reader that understands it. */
export const STATE_FORMAT = 1;
const STATE_MIN_READER = 1;

export interface StateFormat {
  readonly format: number;
  readonly minReader: number;
  /** Who wrote it last, for people: `ignite 1.0.0`. */
  readonly writer: string;
  /** 6 hex digits, part of every host name of ours (DESIGN D13). */
  readonly instance: string;
  /** Which of several engines of a host this is; uid = base + ordinal × 4097 + slot. */
  readonly ordinal: number;
}

/**
 * What may lie in a directory that has no format.json yet: a daemon's log, the leftovers of a first start, the
 * volumes that `ignite system uninstall` keeps, and the run directory of a user without XDG_RUNTIME_DIR.
 */
const BEFORE_FORMAT = new Set<string>([
  STATE_FILES.lock[0],
  STATE_FILES.daemonLog[0],
  STATE_FILES.volumes[0],
  `${STATE_FILES.format[0]}.tmp`,
  'run',
  'lost+found',
]);

/**
 * Reads format.json; undefined where the directory is new or missing. Writes nothing.
 * @throws IgniteError `state/newer-format`, `state/not-a-state-directory`, `state/record-broken`
 */
export async function readFormat(root: string): Promise<StateFormat | undefined> {
  const path = stateFile(root, 'format', {});
  const text = await guarded('read', path, () => readIfThere(path));
  if (text === undefined) {
    await checkEmpty(root);
    return undefined;
  }
  const format = parseFormat(path, text);
  if (format.minReader > STATE_FORMAT) {
    const message = `The state directory ${root} was written by ${format.writer} in format ${format.format}; this daemon reads up to ${STATE_FORMAT}`;
    throw new IgniteError('state/newer-format', message, {
      details: { format: format.format, minReader: format.minReader },
    });
  }
  return format;
}

/** A new instance id. */
export function newInstance(): string {
  return randomBytes(3).toString('hex');
}

/** Writes format.json, with the directory where it is missing. */
export async function writeFormat(
  root: string,
  { writer, ordinal, instance }: Pick<StateFormat, 'writer' | 'ordinal' | 'instance'>,
): Promise<StateFormat> {
  const format: StateFormat = {
    format: STATE_FORMAT,
    minReader: STATE_MIN_READER,
    writer,
    instance,
    ordinal,
  };
  const path = stateFile(root, 'format', {});
  await guarded('write', path, async () => {
    await makeFolder(root);
    await writeFileAtomic(path, `${JSON.stringify(format, null, 2)}\n`, 0o644);
  });
  return format;
}

async function checkEmpty(root: string): Promise<void> {
  const names = await guarded('read', root, () => namesIn(root));
  const foreign = names.filter((name) => !BEFORE_FORMAT.has(name));
  if (foreign.length === 0) return;
  const message = `The directory ${root} has no format.json but holds ${foreign.slice(0, 3).join(', ')}`;
  throw new IgniteError('state/not-a-state-directory', message, { details: { path: root } });
}

function parseFormat(path: string, text: string): StateFormat {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new IgniteError('state/record-broken', `The file ${path} is not JSON`, {
      cause,
      details: { path },
    });
  }
  if (isFormat(value)) return value;
  throw new IgniteError('state/record-broken', `The file ${path} lacks its fields`, { details: { path } });
}

function isFormat(value: unknown): value is StateFormat {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    Number.isInteger(value.format) &&
    'minReader' in value &&
    Number.isInteger(value.minReader) &&
    'writer' in value &&
    typeof value.writer === 'string' &&
    'instance' in value &&
    typeof value.instance === 'string' &&
    /^[0-9a-f]{6}$/.test(value.instance) &&
    'ordinal' in value &&
    Number.isInteger(value.ordinal)
  );
}
