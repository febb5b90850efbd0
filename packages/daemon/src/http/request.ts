// Requests on their way in: JSON bodies within a limit, queries and bodies checked by the API's schemas.
import type { IncomingMessage } from 'node:http';
import { type Bodies, bodies, IgniteError, type OperationId } from '@ignite/api';
import { LIMITS } from '@ignite/api/limits';
import { z } from 'zod';
import { countValues } from './count-values.ts';

const BASE = 'http://ignited';

interface Room {
  readonly bytes: number;
  readonly values: number;
}
const ORDINARY: Room = { bytes: LIMITS.bodyBytes, values: 100_000 };
/** `create` and `run` carry files for the guest, six values each. */
const WITH_FILES: Room = { bytes: 64 << 20, values: 2_000_000 };
/** Who sends more wrong values than these corrects them first. */
const MOST_FAULTS = 8;

/** The JSON body of an operation, checked; an empty body counts as `{}`. @throws IgniteError `daemon/bad-request` */
export async function readJsonBody(request: IncomingMessage, id: OperationId): Promise<unknown> {
  const { body }: Bodies = bodies[id];
  if (body === undefined) return undefined;
  const room = id === 'createVm' || id === 'apply' ? WITH_FILES : ORDINARY;
  const text = await readText(request, room.bytes);
  if (countValues(text) > room.values)
    throw new IgniteError('daemon/too-large', `The body of the request has over ${room.values} values`);
  return check(body, parseJson(text === '' ? '{}' : text), 'body');
}

/** The URL of a request. @throws IgniteError `daemon/bad-request` where its target is none */
export function readUrl(request: Pick<IncomingMessage, 'url'>): URL {
  const url = URL.parse(request.url ?? '/', BASE);
  if (url !== null) return url;
  throw new IgniteError('daemon/bad-request', 'The target of the request is no URL');
}

/** The query of an operation, checked. @throws IgniteError `daemon/bad-request` */
export function readQuery(url: URL, id: OperationId): unknown {
  const { query }: Bodies = bodies[id];
  const values = Object.fromEntries(url.searchParams);
  return check(query ?? z.strictObject({}), values, 'query');
}

async function readText(request: IncomingMessage, limit: number): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > limit)
      throw new IgniteError('daemon/too-large', `The body of the request is over ${limit} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new IgniteError('daemon/bad-request', 'The body of the request is not JSON', { cause });
  }
}

/** Zod's own report is no cause: the message has all of it, in our words. */
function check(schema: z.ZodType, value: unknown, part: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const own = issues.length === 1 ? ownError(issues[0]) : undefined;
  if (own !== undefined) throw own;
  const faults = issues
    .slice(0, MOST_FAULTS)
    .map((issue) => `${issue.path.join('.') || part}: ${issue.message}`);
  const more = issues.length > MOST_FAULTS ? `; and ${issues.length - MOST_FAULTS} more` : '';
  throw new IgniteError(
    'daemon/bad-request',
    `The ${part} of the request is wrong: ${faults.join('; ')}${more}`,
  );
}

/** What a parser of ours said of a value: it knows better what to write instead than the hint about the API. */
function ownError(issue: z.core.$ZodIssue | undefined): IgniteError | undefined {
  const error = issue?.code === 'custom' ? issue.params?.['error'] : undefined;
  return error instanceof IgniteError ? error : undefined;
}
