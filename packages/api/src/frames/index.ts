export { createReceiveCredit, createSendCredit, type ReceiveCredit, type SendCredit } from './credit.ts';
export { decodeHeader, encodeFlagged, encodeFrame, type Frame, type FrameHeader } from './frame.ts';
export { createFrameParser, type FrameParser } from './frame-parser.ts';
export { decodeLog, encodeLog, type LogPiece } from './log.ts';
export * from './messages.ts';
export * from './preamble.ts';
export * from './stream-state.ts';
export * from './tlv.ts';
export { violation } from './violation.ts';
