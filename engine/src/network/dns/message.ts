// DNS messages (RFC 1035) as far as we need them: the one question of a query is read, an answer to it is written.
// Whatever anybody sends, reading ends within its bytes. Pure.
const HEADER = 12;
const RESPONSE = 0x8000;
const OPCODE = 0x7800;
const AUTHORITATIVE = 0x0400;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const NAME_BYTES = 255;
const LABEL_BYTES = 63;
/** The question's name, as a pointer (RFC 1035, 4.1.4). */
const NAME_OF_QUESTION = 0xc000 | HEADER;

export const TYPE = { A: 1, PTR: 12, ANY: 255 } as const;
export const RCODE = {
  NO_ERROR: 0,
  SERVER_FAILURE: 2,
  NO_SUCH_NAME: 3,
  NOT_IMPLEMENTED: 4,
  REFUSED: 5,
} as const;
const CLASS_INTERNET = 1;

/** A query with one question. */
export interface Query {
  readonly id: number;
  readonly flags: number;
  /** Lower case, without the last dot. */
  readonly name: string;
  readonly type: number;
  /** Header's end to the question's end, as it came: an answer repeats it with its letters as they were (0x20). */
  readonly question: Buffer;
}

/** An A or PTR record that answers a question. */
export type Answer =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'PTR'; readonly name: string };

/** The query in a message; undefined for what is none, or has no single question for the Internet class. */
export function parseQuery(message: Buffer): Query | undefined {
  if (message.length < HEADER) return undefined;
  const flags = message.readUInt16BE(2);
  if ((flags & (RESPONSE | OPCODE)) !== 0 || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > LABEL_BYTES || at - HEADER > NAME_BYTES) return undefined;
    at += 1;
    if (length === 0) break;
    if (at + length > message.length) return undefined;
    labels.push(message.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > message.length || message.readUInt16BE(at + 2) !== CLASS_INTERNET) return undefined;
  return {
    id: message.readUInt16BE(0),
    flags,
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at),
    question: message.subarray(HEADER, at + 4),
  };
}

/** The answer to a query: records with a time to live in seconds, or none with what that means. */
export function writeAnswer(
  query: Query,
  answers: readonly Answer[],
  { rcode = RCODE.NO_ERROR, ttl = 0 }: { readonly rcode?: number; readonly ttl?: number } = {},
): Buffer {
  const head = Buffer.alloc(HEADER);
  head.writeUInt16BE(query.id, 0);
  const flags = RESPONSE | AUTHORITATIVE | RECURSION_AVAILABLE | (query.flags & RECURSION_DESIRED) | rcode;
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  return Buffer.concat([head, query.question, ...answers.map((answer) => record(answer, ttl))]);
}

/** Whether a message answers that query: the same id and question. */
export function answersQuery(message: Buffer, query: Query): boolean {
  return (
    message.length >= HEADER + query.question.length &&
    message.readUInt16BE(0) === query.id &&
    (message.readUInt16BE(2) & RESPONSE) !== 0 &&
    message.subarray(HEADER, HEADER + query.question.length).equals(query.question)
  );
}

function record(answer: Answer, ttl: number): Buffer {
  const data =
    answer.type === 'A' ? Buffer.from(answer.address.split('.').map(Number)) : nameBytes(answer.name);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(NAME_OF_QUESTION, 0);
  head.writeUInt16BE(TYPE[answer.type], 2);
  head.writeUInt16BE(CLASS_INTERNET, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(label.slice(0, LABEL_BYTES), 'latin1'));
  return Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), label]), Buffer.of(0)]);
}
