// From method and URL to an operation of the API's table.
import { type OperationId, paths } from '@ignite/api';

export interface Match {
  readonly id: OperationId;
  /** `{ref}`, decoded; empty where the path has none. */
  readonly ref: string;
}

interface Route {
  readonly id: OperationId;
  readonly method: string;
  readonly segments: readonly string[];
}

const PARAMETER = '{ref}';

const routes: readonly Route[] = (Object.keys(paths) as OperationId[]).map((id) => ({
  id,
  method: paths[id].method,
  segments: paths[id].path.split('/'),
}));

/** The operation a request means; undefined: nobody offers it. Fixed words win over `{ref}`. */
export function matchRoute(method: string, pathname: string): Match | undefined {
  const segments = pathname.split('/');
  const fitting = routes.filter((route) => route.method === method && fits(route.segments, segments));
  const best = fitting.find((route) => !route.segments.includes(PARAMETER)) ?? fitting[0];
  if (best === undefined) return undefined;
  const ref = decode(segments[best.segments.indexOf(PARAMETER)] ?? '');
  return ref === undefined ? undefined : { id: best.id, ref };
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part === PARAMETER ? segments[index] !== '' : part === segments[index]))
  );
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // `%zz` is no name of anything
  }
}
