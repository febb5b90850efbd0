// The control frames of a stream as typed values: OPEN, OPENED, EXIT, RESET, SIGNAL, RESIZE.
import { FLAG, FRAME, LIMIT, OPEN_KIND, TAG } from '@ignite/protocol';
import { encodeFlagged, encodeFrame, type Frame } from './frame.ts';
import { decodeTlv, encodeTlv, type TlvFields, type TlvRecord, tlv, tlvBig, tlvNumber } from './tlv.ts';
import { violation } from './violation.ts';

export type OpenKind = (typeof OPEN_KIND)[keyof typeof OPEN_KIND];

/** What a stream is opened for. Which fields count depends on `kind`; the rest is left out. */
export interface OpenRequest {
  readonly kind: OpenKind;
  readonly argv?: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly tty?: { readonly rows: number; readonly columns: number; readonly term: string };
  readonly detached?: boolean;
  readonly path?: string;
  readonly follow?: boolean;
  readonly keepOwner?: boolean;
}

/** OPENED: the process, or facts of a file. */
export interface Opened {
  readonly pid?: number;
  readonly file?: { readonly kind: number; readonly mode: number; readonly size: number };
}

/** EXIT or DONE: exactly one of code and signal. */
export interface ExitStatus {
  readonly code?: number;
  readonly signal?: number;
  readonly oom: boolean;
}

/** RESET or a failed REPLY. */
export interface Refusal {
  /** A word of ERROR. */
  readonly error: string;
  readonly errno?: number;
  readonly text: string;
}

/** OPEN as one or more frames (MORE on all but the last). @throws IgniteError `guest/protocol` over LIMIT.OPEN */
export function encodeOpen(stream: number, request: OpenRequest): readonly Uint8Array[] {
  const bytes = encodeTlv(openRecords(request));
  if (bytes.length > LIMIT.OPEN) throw violation('The command with its environment is over 1 MiB');
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += LIMIT.PAYLOAD) {
    const last = at + LIMIT.PAYLOAD >= bytes.length;
    frames.push(
      encodeFlagged(FRAME.OPEN, last ? 0 : FLAG.MORE, stream, [bytes.subarray(at, at + LIMIT.PAYLOAD)]),
    );
  }
  return frames;
}

function openRecords(request: OpenRequest): readonly TlvRecord[] {
  const { tty } = request;
  return [
    tlvNumber(TAG.KIND, 1, request.kind),
    ...(request.argv ?? []).map((word) => tlv(TAG.ARG, word)),
    ...(request.env ?? []).map((word) => tlv(TAG.ENV, word)),
    ...optional(TAG.CWD, request.cwd),
    ...optional(TAG.USER, request.user),
    ...optional(TAG.PATH, request.path),
    ...(tty === undefined ? [] : [tlvNumber(TAG.TTY, 1, 1), ...sizeRecords(tty), tlv(TAG.TERM, tty.term)]),
    ...flagged(TAG.DETACHED, request.detached),
    ...flagged(TAG.FOLLOW, request.follow),
    ...flagged(TAG.KEEP_OWNER, request.keepOwner),
  ];
}

/** Reads the joined payload of OPEN. @throws IgniteError `guest/protocol` */
export function decodeOpen(payload: Uint8Array): OpenRequest {
  const fields = decodeTlv(payload);
  const kind = Object.values(OPEN_KIND).find((value) => value === fields.number(TAG.KIND));
  if (kind === undefined) throw violation('A stream was opened for a purpose nobody knows');
  const [cwd, user, path] = [fields.text(TAG.CWD), fields.text(TAG.USER), fields.text(TAG.PATH)];
  return {
    kind,
    argv: fields.texts(TAG.ARG),
    env: fields.texts(TAG.ENV),
    ...(cwd === undefined ? {} : { cwd }),
    ...(user === undefined ? {} : { user }),
    ...(path === undefined ? {} : { path }),
    ...(fields.flag(TAG.TTY) ? { tty: { ...sizeOf(fields), term: fields.text(TAG.TERM) ?? 'xterm' } } : {}),
    detached: fields.flag(TAG.DETACHED),
    follow: fields.flag(TAG.FOLLOW),
    keepOwner: fields.flag(TAG.KEEP_OWNER),
  };
}

/** The OPENED frame of a stream. */
export function encodeOpened(stream: number, opened: Opened): Uint8Array {
  const { pid, file } = opened;
  return encodeFrame(
    FRAME.OPENED,
    stream,
    encodeTlv([
      ...(pid === undefined ? [] : [tlvNumber(TAG.PID, 4, pid)]),
      ...(file === undefined
        ? []
        : [
            tlvNumber(TAG.FILE_KIND, 1, file.kind),
            tlvNumber(TAG.FILE_MODE, 4, file.mode),
            tlvBig(TAG.FILE_SIZE, BigInt(file.size)),
          ]),
    ]),
  );
}

/** Reads OPENED; facts that are not in it are left out. */
export function decodeOpened(frame: Frame): Opened {
  const fields = decodeTlv(frame.payload);
  const [pid, kind] = [fields.number(TAG.PID), fields.number(TAG.FILE_KIND)];
  const size = Number(fields.big(TAG.FILE_SIZE) ?? 0n);
  return {
    ...(pid === undefined ? {} : { pid }),
    ...(kind === undefined ? {} : { file: { kind, mode: fields.number(TAG.FILE_MODE) ?? 0, size } }),
  };
}

/** The EXIT frame of a stream. */
export function encodeExit(stream: number, status: ExitStatus): Uint8Array {
  const { code, signal, oom } = status;
  return encodeFrame(
    FRAME.EXIT,
    stream,
    encodeTlv([
      ...(code === undefined ? [] : [tlvNumber(TAG.CODE, 4, code)]),
      ...(signal === undefined ? [] : [tlvNumber(TAG.SIGNAL, 4, signal)]),
      ...flagged(TAG.OOM, oom),
    ]),
  );
}

/** Reads EXIT or DONE. @throws IgniteError `guest/protocol` without code and signal */
export function decodeExit(frame: Frame): ExitStatus {
  const fields = decodeTlv(frame.payload);
  const [code, signal] = [fields.number(TAG.CODE), fields.number(TAG.SIGNAL)];
  const oom = fields.flag(TAG.OOM);
  if (signal !== undefined) return { signal, oom };
  if (code === undefined) throw violation('An exit frame has neither code nor signal');
  return { code: code | 0, oom };
}

/** The RESET frame of a stream, with the reason. */
export function encodeReset(stream: number, refusal: Refusal): Uint8Array {
  const { error, errno, text } = refusal;
  const number = errno === undefined ? [] : [tlvNumber(TAG.ERRNO, 4, errno)];
  return encodeFrame(FRAME.RESET, stream, encodeTlv([tlv(TAG.ERROR, error), ...number, tlv(TAG.TEXT, text)]));
}

/** Reads what RESET or REPLY say of a failure. */
export function decodeRefusal(fields: TlvFields): Refusal {
  const errno = fields.number(TAG.ERRNO);
  return {
    error: fields.text(TAG.ERROR) ?? 'io',
    text: fields.text(TAG.TEXT) ?? '',
    ...(errno === undefined ? {} : { errno }),
  };
}

/** A SIGNAL frame. @param group whether the whole process group gets the signal */
export function encodeSignal(stream: number, signal: number, group = false): Uint8Array {
  const records = [tlvNumber(TAG.SIGNAL, 4, signal), ...flagged(TAG.GROUP, group)];
  return encodeFrame(FRAME.SIGNAL, stream, encodeTlv(records));
}

/** A RESIZE frame: the new size of the terminal in characters. */
export function encodeResize(stream: number, rows: number, columns: number): Uint8Array {
  return encodeFrame(FRAME.RESIZE, stream, encodeTlv(sizeRecords({ rows, columns })));
}

/** Rows and columns of RESIZE or OPEN; 0 where missing. */
export function sizeOf(fields: TlvFields): { readonly rows: number; readonly columns: number } {
  return { rows: fields.number(TAG.ROWS) ?? 0, columns: fields.number(TAG.COLUMNS) ?? 0 };
}

function sizeRecords(size: { readonly rows: number; readonly columns: number }): readonly TlvRecord[] {
  return [tlvNumber(TAG.ROWS, 2, size.rows), tlvNumber(TAG.COLUMNS, 2, size.columns)];
}

function optional(tag: number, value: string | undefined): readonly TlvRecord[] {
  return value === undefined ? [] : [tlv(tag, value)];
}

function flagged(tag: number, value: boolean | undefined): readonly TlvRecord[] {
  return value === true ? [tlvNumber(tag, 1, 1)] : [];
}
