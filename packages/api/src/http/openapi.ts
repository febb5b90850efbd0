// The OpenAPI document of the HTTP API, made from the operations and their schemas. Pure: the daemon serves it, and a
// script writes it to docs/openapi.json.
import { z } from 'zod';
import { type Bodies, bodies } from './bodies.ts';
import { errorAnswer, progress } from './parts.ts';
import { type OperationId, type Path, paths, UPGRADE_PROTOCOL } from './paths.ts';

type Json = Record<string, unknown>;

/** Where a schema is used: requests are strict, of answers a client ignores what it does not know (DESIGN D10). */
type Use = 'request' | 'answer';

/** The document, OpenAPI 3.1.1 (spec.openapis.org), for one version of the daemon. */
export function openApiDocument(version: string): Json {
  const components: Record<string, unknown> = {};
  const operations = Object.keys(paths).filter((id): id is OperationId => Object.hasOwn(paths, id));
  const found: Record<string, Json> = {};
  for (const id of operations) {
    const { path, method } = paths[id];
    found[path] = { ...found[path], [method.toLowerCase()]: describe(id, components) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Ignite',
      version,
      description:
        'The API of ignited, over a unix socket. Sizes are strings such as 512MB, in powers of 1024.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: found,
    components: { schemas: sorted(components) },
  };
}

function describe(id: OperationId, components: Json): Json {
  const path: Path = paths[id];
  const schemas: Bodies = bodies[id];
  const parameters = [...pathParameters(path), ...queryParameters(schemas, components)];
  return {
    operationId: id,
    tags: [path.tag],
    summary: path.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(path, schemas, components),
    responses: {
      ...goodAnswer(path, schemas, components),
      default: {
        description: 'A failure; the status is that of the error in the catalogue',
        content: { 'application/json': { schema: toSchema(errorAnswer, 'answer', components) } },
      },
    },
  };
}

function pathParameters(path: Path): readonly Json[] {
  if (!path.path.includes('{ref}')) return [];
  const description = 'UID, name or unique prefix; URL-encoded';
  return [{ name: 'ref', in: 'path', required: true, description, schema: { type: 'string' } }];
}

function queryParameters(schemas: Bodies, components: Json): readonly Json[] {
  if (schemas.query === undefined) return [];
  const { properties = {}, required = [] } = toSchema(schemas.query, 'request', components);
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(properties as Json).map(([name, schema]) => ({
    name,
    in: 'query',
    required: names.includes(name),
    schema,
  }));
}

function requestBody(path: Path, schemas: Bodies, components: Json): Json {
  if (path.request === 'bytes') {
    return { requestBody: { required: true, content: { 'application/octet-stream': {} } } };
  }
  if (schemas.body === undefined) return {};
  const schema = toSchema(schemas.body, 'request', components);
  return { requestBody: { required: true, content: { 'application/json': { schema } } } };
}

function goodAnswer(path: Path, schemas: Bodies, components: Json): Json {
  const result = schemas.result && toSchema(schemas.result, 'answer', components);
  switch (path.answer) {
    case 'json':
      return ok('The result', 'application/json', result);
    case 'operation':
      return ok('Lines of progress, the last one with the result or the error', 'application/x-ndjson', {
        oneOf: [
          line('progress', { progress: toSchema(progress, 'answer', components) }),
          line('result', { value: result }),
          line('error', { error: { $ref: '#/components/schemas/Error' } }),
        ],
      });
    case 'events':
      return ok('One event a line', 'application/x-ndjson', result);
    case 'frames':
      return ok('LOG frames of the guest link', 'application/vnd.ignite.frames', undefined);
    case 'bytes':
      return ok('The file', 'application/octet-stream', undefined);
    case 'upgrade':
      return { '101': { description: `Frames of the guest link (Upgrade: ${UPGRADE_PROTOCOL})` } };
  }
}

function ok(description: string, type: string, schema: Json | undefined): Json {
  return { '200': { description, content: { [type]: schema === undefined ? {} : { schema } } } };
}

function line(type: string, properties: Json): Json {
  return {
    type: 'object',
    required: ['type', ...Object.keys(properties)],
    properties: { type: { const: type }, ...properties },
  };
}

/** The JSON Schema of a zod schema; parts that have an id go to `components` and are referred to. */
function toSchema(schema: z.ZodType, use: Use, components: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => simplify(jsonSchema, use),
  });
  for (const [id, definition] of Object.entries($defs)) components[id] = relocate(definition);
  return relocate(rest) as Json; // relocate keeps objects objects
}

/** Leaves out what does not help a reader: bounds of 2^53, a pattern next to a format, names that are strings. */
function simplify(schema: z.core.JSONSchema.BaseSchema, use: Use): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.format !== undefined) delete schema.pattern;
  if (schema.propertyNames !== undefined) delete schema.propertyNames;
  if (use === 'answer' && schema.additionalProperties === false) delete schema.additionalProperties;
}

/** `#/$defs/X` → `#/components/schemas/X`, all the way down. */
function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === '$ref' && typeof item === 'string'
        ? item.replace('#/$defs/', '#/components/schemas/')
        : relocate(item),
    ]),
  );
}

function sorted(schemas: Json): Json {
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}
