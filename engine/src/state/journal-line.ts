// One line of a journal: CRC32C of the JSON as 8 hex digits, a blank, the JSON, a line feed; one write(2), at most
// 4096 bytes (FORMATS, Journal).
import { crc32c } from '@ignite/api/crc32c';
import { IgniteError } from '@ignite/api/errors';
import { LIMITS } from '@ignite/api/limits';
import type { Claim, Operation, ResourceKind } from './port.ts';

const KINDS = ['begin', 'claim', 'made', 'gone', 'done', 'failed'] as const;

/** What the fields mean is in FORMATS; which are there depends on `k`. */
export interface JournalLine {
  readonly n: number;
  readonly t: string;
  readonly boot: string;
  readonly op: string;
  readonly k: (typeof KINDS)[number];
  readonly verb?: Operation['verb'];
  readonly gen?: number;
  readonly res?: ResourceKind;
  readonly name?: string;
  readonly d?: NonNullable<Claim['data']>;
  readonly err?: { readonly code: string; readonly stage?: string };
}

/** As an object, so that a kind that is missing here does not compile: its lines could be written and not read. */
const RESOURCE_KINDS = {
  file: true,
  tap: true,
  netns: true,
  link: true,
  rules: true,
  cgroup: true,
  process: true,
  mount: true,
  cni: true,
  container: true,
  dm: true,
  volume: true,
  device: true,
} as const satisfies Readonly<Record<ResourceKind, true>>;
const RESOURCES: ReadonlySet<string> = new Set(Object.keys(RESOURCE_KINDS));

/** Bytes of a line. @throws IgniteError `state/too-large` */
export function encodeLine(line: JournalLine): Buffer {
  const json = Buffer.from(JSON.stringify(line));
  const check = crc32c(json).toString(16).padStart(8, '0');
  const bytes = Buffer.concat([Buffer.from(`${check} `), json, Buffer.from('\n')]);
  if (bytes.length <= LIMITS.journalLineBytes) return bytes;
  const what = `${line.k} of ${line.res ?? ''} ${line.name?.slice(0, 80) ?? ''}`;
  throw new IgniteError('state/too-large', `The journal line for ${what} has ${bytes.length} bytes`);
}

/** A line without its line feed; a text says what is wrong with it. */
export function decodeLine(bytes: Buffer): JournalLine | string {
  if (bytes.length >= LIMITS.journalLineBytes) return 'is too long';
  const head = bytes.subarray(0, 9).toString('latin1');
  if (!/^[0-9a-f]{8} $/.test(head)) return 'has no check sum';
  const json = bytes.subarray(9);
  if (crc32c(json) !== Number.parseInt(head, 16)) return 'does not fit its check sum';
  let value: unknown;
  try {
    value = JSON.parse(json.toString('utf8'));
  } catch {
    return 'is not JSON';
  }
  return isLine(value) ? value : 'lacks its fields';
}

/** The checksum finds damage; this distinguishes a line of ours from one that only looks like it. */
function isLine(value: unknown): value is JournalLine {
  if (typeof value !== 'object' || value === null) return false;
  const line: Readonly<Partial<Record<keyof JournalLine, unknown>>> = value;
  if (!Number.isInteger(line.n) || ![line.t, line.boot, line.op].every((word) => typeof word === 'string'))
    return false;
  const kind = KINDS.find((known) => known === line.k);
  if (kind === undefined) return false;
  if (kind === 'begin') return typeof line.verb === 'string' && Number.isInteger(line.gen);
  if (kind === 'done' || kind === 'failed') return true;
  return typeof line.name === 'string' && typeof line.res === 'string' && RESOURCES.has(line.res);
}
