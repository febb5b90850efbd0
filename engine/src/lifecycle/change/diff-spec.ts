// Compares the spec of a VM with the desired one: the changes field by field, with the moment each takes effect. Pure.
import { formatSize, type VmSpec } from '@ignite/api';
import { type EffectOf, type FieldEffect, type FieldRule, SPEC_FIELDS } from './fields.ts';

/** One field that differs. Values are as people write them; an absent one is undefined. */
export interface FieldChange {
  /** `spec.cpus`, `spec.kernel.cmdLine`, `metadata.labels` */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly effect: FieldEffect;
}

type SpecKey = keyof VmSpec;
const KEYS = Object.keys(SPEC_FIELDS) as SpecKey[]; // Object.keys forgets what it lists

/** Fields of spec that differ, in the order of the table. */
export function diffSpec(from: VmSpec, to: VmSpec): readonly FieldChange[] {
  return KEYS.flatMap((key) => diffField(key, from[key], to[key], ruleOf(key)));
}

/** Without them the image's hold; an empty list means no words. */
const EMPTY_COUNTS: ReadonlySet<SpecKey> = new Set<SpecKey>(['command', 'entrypoint']);

function ruleOf(key: SpecKey): FieldRule {
  return SPEC_FIELDS[key];
}

function diffField(key: SpecKey, from: unknown, to: unknown, rule: FieldRule): FieldChange[] {
  const appears = EMPTY_COUNTS.has(key) && (from === undefined) !== (to === undefined);
  if (same(from, to) && !appears) return [];
  if (typeof rule === 'string' || typeof rule === 'function') return [change(key, from, to, rule)];
  const parts = new Set([...Object.keys(partsOf(from)), ...Object.keys(partsOf(to))]);
  return [...parts].flatMap((part) => {
    const [before, after] = [partsOf(from)[part], partsOf(to)[part]];
    if (same(before, after)) return [];
    return [change(`${key}.${part}`, before, after, rule.parts?.[part] ?? rule.rest)];
  });
}

function change(field: string, from: unknown, to: unknown, rule: EffectOf | FieldEffect): FieldChange {
  const effect = typeof rule === 'function' ? rule(from, to) : rule;
  return { path: `spec.${field}`, from: shown(field, from), to: shown(field, to), effect };
}

const SIZES: ReadonlySet<string> = new Set([
  'memory',
  'diskSize',
  'network.bandwidth',
  'resources.diskBandwidth',
  'resources.networkBandwidth',
]);

/** Sizes are bytes inside and words outside. */
function shown(field: string, value: unknown): unknown {
  return SIZES.has(field) && typeof value === 'number' ? formatSize(value) : value;
}

function partsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Equal as data: the order of keys means nothing, an absent value, an empty list and an empty map are one. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) && isEmpty(b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [partsOf(a), partsOf(b)];
  if (Array.isArray(a) && Object.keys(left).length !== Object.keys(right).length) return false;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    same(left[key], right[key]),
  );
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
