// The state of one stream on either side: credit, half closes, order of frames. Pure: it turns frames into events
// and intentions into frames; the owner of the connection moves the bytes.
import { CHANNEL, FRAME, LIMIT, TAG } from '@ignite/protocol';
import { createReceiveCredit, createSendCredit, type ReceiveCredit, type SendCredit } from './credit.ts';
import { encodeFrame, type Frame } from './frame.ts';
import {
  decodeExit,
  decodeOpened,
  decodeRefusal,
  type ExitStatus,
  type Opened,
  type Refusal,
  sizeOf,
} from './messages.ts';
import { PREAMBLE_MAGIC } from './preamble.ts';
import { decodeTlv } from './tlv.ts';
import { violation } from './violation.ts';

/** 0 stdin, 1 stdout, 2 stderr. */
export type ChannelId = (typeof CHANNEL)[keyof typeof CHANNEL];

/** What a frame of the peer means for this stream. */
export type StreamEvent =
  | { readonly kind: 'opened'; readonly opened: Opened }
  | { readonly kind: 'data'; readonly channel: ChannelId; readonly bytes: Uint8Array }
  | { readonly kind: 'eof'; readonly channel: ChannelId }
  /** More may be sent on the channel. */
  | { readonly kind: 'credit'; readonly channel: ChannelId }
  | { readonly kind: 'signal'; readonly signal: number; readonly group: boolean }
  | { readonly kind: 'resize'; readonly rows: number; readonly columns: number }
  | { readonly kind: 'exit'; readonly status: ExitStatus }
  | { readonly kind: 'reset'; readonly refusal: Refusal };

export interface StreamState {
  readonly id: number;
  /** EXIT or RESET was received or sent: later frames of the peer are dropped. */
  readonly ended: boolean;
  /** Takes one frame of this stream. @throws IgniteError `guest/protocol`: the session must end */
  receive(frame: Frame): StreamEvent | undefined;
  /** Bytes that may be sent on a channel now; 0 after its EOF. */
  sendable(channel: ChannelId): number;
  /** DATA frames for the first bytes that credit allows, and how many bytes they took. */
  send(
    channel: ChannelId,
    bytes: Uint8Array,
  ): { readonly frames: readonly Uint8Array[]; readonly taken: number };
  /** The EOF frame of a channel; undefined when it was sent before. */
  sendEof(channel: ChannelId): Uint8Array | undefined;
  /** Counts received bytes as consumed; a CREDIT frame when one is due. */
  consume(channel: ChannelId, count: number): Uint8Array | undefined;
  /** Marks the stream as ended by this side (EXIT or RESET sent). */
  end(): void;
}

const DATA_BYTES = LIMIT.PAYLOAD - 1;
const OPENER_SENDS: readonly ChannelId[] = [CHANNEL.IN];
const ACCEPTOR_SENDS: readonly ChannelId[] = [CHANNEL.OUT, CHANNEL.ERR];

/** A stream as its opener (host, client) or its acceptor (agent, daemon towards the CLI) sees it. */
export function createStreamState(id: number, side: 'opener' | 'acceptor'): StreamState {
  const [sends, receives] =
    side === 'opener' ? [OPENER_SENDS, ACCEPTOR_SENDS] : [ACCEPTOR_SENDS, OPENER_SENDS];
  const sending = new Map<number, SendCredit>(sends.map((channel) => [channel, createSendCredit()]));
  const receiving = new Map<number, ReceiveCredit>(
    receives.map((channel) => [channel, createReceiveCredit()]),
  );
  const sentEof = new Set<number>();
  const gotEof = new Set<number>();
  let ended = false;

  const sendable = (channel: ChannelId) =>
    ended || sentEof.has(channel) ? 0 : (sending.get(channel)?.available ?? 0);

  return {
    id,
    get ended() {
      return ended;
    },
    receive(frame) {
      if (ended) return undefined;
      const event = decodeStreamFrame(frame);
      if (event.kind === 'data') countData(event, receiving, gotEof);
      if (event.kind === 'eof') countEof(event.channel, receiving, gotEof);
      if (event.kind === 'credit') countCredit(event.channel, creditOf(frame), sending);
      if (event.kind === 'exit' || event.kind === 'reset') ended = true;
      return event;
    },
    sendable,
    send(channel, bytes) {
      const taken = Math.min(bytes.length, sendable(channel));
      const frames = pieces(bytes.subarray(0, taken)).map((piece) => encodeData(id, channel, piece));
      sending.get(channel)?.spend(taken);
      return { frames, taken };
    },
    sendEof(channel) {
      if (ended || sentEof.has(channel)) return undefined;
      sentEof.add(channel);
      return encodeFrame(FRAME.EOF, id, Uint8Array.of(channel));
    },
    consume(channel, count) {
      const granted = receiving.get(channel)?.consume(count) ?? 0;
      return granted === 0 || ended ? undefined : encodeCredit(id, channel, granted);
    },
    end() {
      ended = true;
    },
  };
}

/**
 * Cuts bytes for DATA frames so that no piece holds the preamble's magic: the guest looks for it in every byte that
 * comes, since a new session may begin in the middle of an old one's frame.
 */
function pieces(bytes: Uint8Array): readonly Uint8Array[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const cut: Uint8Array[] = [];
  let magic = whole.indexOf(PREAMBLE_MAGIC);
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + DATA_BYTES, magic === -1 ? bytes.length : magic + 1);
    cut.push(bytes.subarray(at, end));
    at = end;
    if (magic !== -1 && at > magic) magic = whole.indexOf(PREAMBLE_MAGIC, at);
  }
  return cut;
}

/** DATA: channel u8 and bytes, at most LIMIT.PAYLOAD - 1. */
function encodeData(stream: number, channel: ChannelId, bytes: Uint8Array): Uint8Array {
  return encodeFrame(FRAME.DATA, stream, Uint8Array.of(channel), bytes);
}

/** CREDIT: channel u8 and u32 bytes consumed. */
export function encodeCredit(stream: number, channel: ChannelId, count: number): Uint8Array {
  const payload = new Uint8Array(5);
  payload[0] = channel;
  new DataView(payload.buffer).setUint32(1, count, true);
  return encodeFrame(FRAME.CREDIT, stream, payload);
}

function decodeStreamFrame(frame: Frame): StreamEvent {
  switch (frame.type) {
    case FRAME.DATA:
      return { kind: 'data', channel: channelOf(frame), bytes: frame.payload.subarray(1) };
    case FRAME.EOF:
      return { kind: 'eof', channel: channelOf(frame) };
    case FRAME.CREDIT:
      return { kind: 'credit', channel: channelOf(frame) };
    case FRAME.OPENED:
      return { kind: 'opened', opened: decodeOpened(frame) };
    case FRAME.EXIT:
      return { kind: 'exit', status: decodeExit(frame) };
    case FRAME.RESET:
      return { kind: 'reset', refusal: decodeRefusal(decodeTlv(frame.payload)) };
    case FRAME.RESIZE:
      return { kind: 'resize', ...sizeOf(decodeTlv(frame.payload)) };
    case FRAME.SIGNAL:
      return signalOf(frame);
    default:
      throw violation(`A frame of type ${frame.type} does not belong to a stream`);
  }
}

function signalOf(frame: Frame): StreamEvent {
  const fields = decodeTlv(frame.payload);
  return { kind: 'signal', signal: fields.number(TAG.SIGNAL) ?? 0, group: fields.flag(TAG.GROUP) };
}

function channelOf(frame: Frame): ChannelId {
  const channel = Object.values(CHANNEL).find((value) => value === frame.payload[0]);
  if (channel === undefined) throw violation('A frame names a channel that does not exist');
  return channel;
}

function creditOf(frame: Frame): number {
  if (frame.payload.length !== 5) throw violation('A credit frame has the wrong size');
  return new DataView(frame.payload.buffer, frame.payload.byteOffset).getUint32(1, true);
}

function countData(
  event: { readonly channel: ChannelId; readonly bytes: Uint8Array },
  receiving: ReadonlyMap<number, ReceiveCredit>,
  gotEof: ReadonlySet<number>,
): void {
  const credit = receiving.get(event.channel);
  if (credit === undefined) throw violation('A peer sent data on a channel of the other side');
  if (gotEof.has(event.channel)) throw violation('A peer sent data after the end of its channel');
  credit.receive(event.bytes.length);
}

function countEof(
  channel: ChannelId,
  receiving: ReadonlyMap<number, ReceiveCredit>,
  gotEof: Set<number>,
): void {
  if (!receiving.has(channel)) throw violation('A peer closed a channel of the other side');
  gotEof.add(channel);
}

function countCredit(channel: ChannelId, count: number, sending: ReadonlyMap<number, SendCredit>): void {
  const credit = sending.get(channel);
  if (credit === undefined) throw violation('A peer gave credit for a channel of its own');
  credit.grant(count);
}
