// Docker's `--filter KEY=VALUE` for lists of images, kernels, networks and volumes.
import { usage } from '../usage-error.ts';

/** One key: what may be written for it, and what it asks of an item. */
export interface FilterKey<T> {
  /** `name=TEXT`, for the message and the help. */
  readonly form: string;
  readonly holds: (item: T, value: string) => boolean;
  /** The words it takes; absent: any. */
  readonly values?: readonly string[];
}

/**
 * One filter from all words. Different keys must all hold; of several values of one key, one, but of labels all.
 * @throws IgniteError `cli/usage`
 */
export function readListFilters<T>(
  words: readonly string[],
  keys: Readonly<Record<string, FilterKey<T>>>,
): (item: T) => boolean {
  const pairs = words.map((word) => readPair(word, keys));
  const groups = [...Map.groupBy(pairs, ({ key }) => key)];
  return (item) =>
    groups.every(([key, some]) => {
      const holds = ({ filter, value }: (typeof some)[number]) => filter.holds(item, value);
      return key === 'label' ? some.every(holds) : some.some(holds);
    });
}

function readPair<T>(word: string, keys: Readonly<Record<string, FilterKey<T>>>) {
  const [, key = '', value = ''] = /^([^=]+)=(.+)$/s.exec(word) ?? [];
  const filter = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (filter === undefined || filter.values?.includes(value) === false) {
    const forms = Object.values(keys).map(({ form }) => form);
    throw usage(
      `The filter "${word}" is none: write ${forms.slice(0, -1).join(', ')} or ${forms.at(-1) ?? ''}`,
    );
  }
  return { key, value, filter };
}

/** `label=NAME` or `label=NAME=VALUE`. */
export function labelKey<T>(labels: (item: T) => Readonly<Record<string, string>>): FilterKey<T> {
  return {
    form: 'label=NAME[=VALUE]',
    holds(item, word) {
      const [name = '', wanted] = word.split(/=(.*)/s);
      const own = labels(item);
      return Object.hasOwn(own, name) && (wanted === undefined || own[name] === wanted);
    },
  };
}

/** `name=TEXT`: a part of the name. */
export function nameKey<T extends { readonly metadata: { readonly name: string } }>(): FilterKey<T> {
  return { form: 'name=TEXT', holds: ({ metadata }, value) => metadata.name.includes(value) };
}

/** `dangling=true`: what nothing uses, or nobody named. */
export function danglingKey<T>(dangles: (item: T) => boolean): FilterKey<T> {
  return {
    form: 'dangling=true|false',
    values: ['true', 'false', '1', '0'],
    holds: (item, value) => dangles(item) === (value === 'true' || value === '1'),
  };
}

/** `reference=PATTERN` with `*` and `?`, over the name with and without its tag. */
export function referenceKey<T extends { readonly metadata: { readonly name: string } }>(): FilterKey<T> {
  return {
    form: 'reference=PATTERN',
    holds: ({ metadata: { name } }, value) => {
      const pattern = patternOf(value);
      return pattern.test(name) || pattern.test(name.replace(/:[^:/]*$/, ''));
    },
  };
}

function patternOf(value: string): RegExp {
  const escaped = value
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`);
}
