// Parts that several HTTP bodies share: errors, progress lines, credentials, query values.
import { z } from 'zod';

/** A boolean in a query: `true`, `false`, `1`, `0`. */
export const queryBoolean = z.codec(z.enum(['true', 'false', '1', '0']), z.boolean(), {
  decode: (text) => text === 'true' || text === '1',
  encode: (value) => (value ? 'true' : 'false'),
});

/** A whole number in a query. */
export const queryNumber = z.codec(z.string().regex(/^[0-9]{1,15}$/), z.int().nonnegative(), {
  decode: Number,
  encode: String,
});

/** The body of every answer that is an error, and of the last line of a failed operation. */
export const errorBody = z
  .looseObject({
    code: z.string().meta({ description: 'From the catalogue: room/what-happened' }),
    message: z.string(),
    hint: z.string(),
    blame: z.enum(['user', 'host', 'bug']),
    stage: z.string().exactOptional(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
    causes: z.array(z.string()).meta({ description: 'Texts of the chain of causes, outermost first' }),
  })
  .meta({ id: 'Error', description: 'A failure' });

export const errorAnswer = z.strictObject({ error: errorBody });

export const progress = z
  .union([
    z.strictObject({ kind: z.literal('note'), text: z.string() }),
    z.strictObject({ kind: z.literal('stage'), name: z.string() }),
    z.strictObject({
      kind: z.literal('bytes'),
      id: z.string(),
      label: z.string(),
      done: z.number().nonnegative(),
      total: z.number().nonnegative().exactOptional(),
    }),
  ])
  .meta({ id: 'Progress', description: 'One thing said while long work goes on' });

/** Credentials for one registry, found by the CLI with the caller's rights (CLI rule 21). */
export const credentials = z.strictObject({
  registry: z.string(),
  username: z.string().exactOptional(),
  password: z.string().exactOptional(),
  identityToken: z.string().exactOptional(),
});

export const pullPolicy = z.enum(['missing', 'always', 'never']);

/** How images are fetched; part of several requests. */
export const pullOptions = {
  pull: pullPolicy.exactOptional(),
  credentials: z.array(credentials).max(64).exactOptional(),
  insecureRegistries: z.array(z.string()).max(64).exactOptional(),
} as const;

export type ErrorBody = z.output<typeof errorBody>;

/** One line of an `operation` answer. `T` is the result's outside form. */
export type OperationLine<T> =
  | { readonly type: 'progress'; readonly progress: z.output<typeof progress> }
  | { readonly type: 'result'; readonly value: T }
  | { readonly type: 'error'; readonly error: ErrorBody };
