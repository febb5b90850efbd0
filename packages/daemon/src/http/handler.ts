// What a handler of one operation gets and gives, typed by the API's table.
import type { Readable } from 'node:stream';
import type {
  bodies,
  HandlerBody,
  HandlerQuery,
  HandlerResult,
  OperationId,
  paths,
  Report,
} from '@ignite/api';

export interface HandlerCall<K extends OperationId> {
  /** `{ref}` of the path; empty where it has none. */
  readonly ref: string;
  readonly query: (typeof bodies)[K] extends { query: unknown } ? HandlerQuery<K> : undefined;
  readonly body: (typeof bodies)[K] extends { body: unknown } ? HandlerBody<K> : undefined;
  /** The request's bytes, for operations whose body is not JSON. */
  readonly bytes: Readable;
  /** Says progress to the client of a long operation; dropped elsewhere. */
  readonly report: Report;
  /** Aborted when the client goes away or the daemon ends. */
  readonly signal: AbortSignal;
}

type Answer = { [K in OperationId]: (typeof paths)[K]['answer'] };

/** What each kind of answer is made from. */
type Given<K extends OperationId> = Answer[K] extends 'events'
  ? AsyncIterable<HandlerResult<K>>
  : Answer[K] extends 'frames'
    ? AsyncIterable<Uint8Array>
    : Answer[K] extends 'bytes'
      ? Promise<AsyncIterable<Uint8Array>>
      : Promise<HandlerResult<K>>;

export type Handler<K extends OperationId> = (call: HandlerCall<K>) => Given<K>;

/** A handler for each operation but `stream`, which takes the connection over. */
export type Handlers = { readonly [K in Exclude<OperationId, 'stream'>]: Handler<K> };
