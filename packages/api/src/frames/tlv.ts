// TLV records of control payloads and of the guest configuration: tag u16, length u32, value; little endian.
import { LIMIT } from '@ignite/protocol';
import { violation } from './violation.ts';

export interface TlvRecord {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** Records by tag, with readers that check the width of what they read. */
export interface TlvFields {
  readonly records: readonly TlvRecord[];
  /** The first value of a tag. */
  bytes(tag: number): Uint8Array | undefined;
  /** First value as text; an invalid sequence becomes U+FFFD. */
  text(tag: number): string | undefined;
  /** Every value of a tag as text, in order. */
  texts(tag: number): readonly string[];
  /** First value as an unsigned integer of 1, 2 or 4 bytes. */
  number(tag: number): number | undefined;
  /** First value as an unsigned integer of 8 bytes. */
  big(tag: number): bigint | undefined;
  /** Whether a u8 is there and not 0. */
  flag(tag: number): boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A record with a text (UTF-8) or bytes. */
export function tlv(tag: number, value: string | Uint8Array): TlvRecord {
  return { tag, value: typeof value === 'string' ? encoder.encode(value) : value };
}

/** A record with an unsigned integer of `width` bytes. */
export function tlvNumber(tag: number, width: 1 | 2 | 4, value: number): TlvRecord {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
  return { tag, value: bytes.subarray(0, width) };
}

/** A record with an unsigned integer of 8 bytes. */
export function tlvBig(tag: number, value: bigint): TlvRecord {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return { tag, value: bytes };
}

/** The bytes of records, in order. */
export function encodeTlv(records: readonly TlvRecord[]): Uint8Array {
  const length = records.reduce((sum, record) => sum + LIMIT.TLV_HEADER + record.value.length, 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { tag, value } of records) {
    view.setUint16(at, tag, true);
    view.setUint32(at + 2, value.length, true);
    bytes.set(value, at + LIMIT.TLV_HEADER);
    at += LIMIT.TLV_HEADER + value.length;
  }
  return bytes;
}

/**
 * Cuts bytes into records. Unknown tags are the reader's to ignore.
 * @throws IgniteError `guest/protocol` where a record runs past the end
 */
export function decodeTlv(bytes: Uint8Array): TlvFields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: TlvRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < LIMIT.TLV_HEADER) throw violation('A record is cut off in its header');
    const length = view.getUint32(at + 2, true);
    const begin = at + LIMIT.TLV_HEADER;
    if (bytes.length - begin < length) throw violation('A record runs past the end of its frame');
    records.push({ tag: view.getUint16(at, true), value: bytes.subarray(begin, begin + length) });
    at = begin + length;
  }
  return fieldsOf(records);
}

function fieldsOf(records: readonly TlvRecord[]): TlvFields {
  const bytes = (tag: number) => records.find((record) => record.tag === tag)?.value;
  const number = (tag: number) => readNumber(bytes(tag), tag);
  return {
    records,
    bytes,
    number,
    text: (tag) => textOf(bytes(tag)),
    texts: (tag) =>
      records.filter((record) => record.tag === tag).map((record) => decoder.decode(record.value)),
    big: (tag) => readBig(bytes(tag), tag),
    flag: (tag) => (number(tag) ?? 0) !== 0,
  };
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : decoder.decode(value);
}

function readNumber(value: Uint8Array | undefined, tag: number): number | undefined {
  if (value === undefined) return undefined;
  if (value.length !== 1 && value.length !== 2 && value.length !== 4)
    throw violation(`The record ${tag} is no integer`);
  return value.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

function readBig(value: Uint8Array | undefined, tag: number): bigint | undefined {
  if (value === undefined) return undefined;
  if (value.length !== 8) throw violation(`The record ${tag} is no 8-byte integer`);
  return new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true);
}
