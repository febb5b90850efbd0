// Reading manifests: YAML or JSON, one or more documents, strict, with line and column of everything that is wrong.
import { type Document, isMap, LineCounter } from 'yaml';
import { IgniteError } from '../errors/error.ts';
import { LIMITS } from '../limits.ts';
import { type Violation, violationsError } from '../validate/violation.ts';
import { validateVm } from '../validate/vm.ts';
import { decodeDocument } from './decode.ts';
import { type Issue, issuePath } from './issues.ts';
import type { Manifest, VmManifest } from './object.ts';
import { positionOf } from './positions.ts';
import { hasTooManyParts, readDocuments } from './read-documents.ts';

/** Documents in one text; a folder of them is the normal case, one file of thousands an accident. */
const MAX_DOCUMENTS = 256;
const MAX_TEXT_BYTES = 16 * LIMITS.manifestBytes;
/** How often an anchor may be used in all; `yaml` counts what nested aliases multiply to. */
const MAX_ALIASES = 100;
const MAX_VIOLATIONS = 100;

export interface ParseOptions {
  /** Documents of other groups (Kubernetes' own) are passed over, as in a repository that holds them too (GIT-21). */
  readonly foreign?: 'refuse' | 'skip';
}

/**
 * Reads the objects of a manifest.
 * @param fileName for messages only
 * @throws IgniteError `api/invalid-manifest` with every violation, `api/manifest-too-large`
 */
export function parseManifest(
  text: string,
  fileName: string,
  { foreign = 'refuse' }: ParseOptions = {},
): readonly Manifest[] {
  checkSize(fileName, Buffer.byteLength(text), MAX_TEXT_BYTES);
  if (hasTooManyParts(text))
    throw new IgniteError('api/manifest-too-large', `The manifest ${fileName} has too many lines and items`, {
      details: { file: fileName },
    });
  const lines = new LineCounter();
  const documents = readDocuments(text, lines);
  const filled = documents.filter((document) => document.contents !== null || document.errors.length > 0);
  if (filled.length === 0) throw invalid(fileName, [{ path: '', message: 'has no object' }]);
  if (filled.length > MAX_DOCUMENTS)
    throw invalid(fileName, [{ path: '', message: `has more than ${MAX_DOCUMENTS} documents` }]);

  const ours = foreign === 'skip' ? filled.filter((document) => !isForeign(document)) : filled;
  const results = ours.map((document) => readDocument(document, lines, fileName));
  const violations = results.flatMap((result) => result.violations).sort(byPlace);
  if (violations.length > 0) throw invalid(fileName, violations.slice(0, MAX_VIOLATIONS));
  return results.flatMap((result) => result.manifest ?? []);
}

/**
 * Reads a manifest of exactly one VM: what `--config` takes.
 * @throws IgniteError as parseManifest, and `api/invalid-manifest` for another kind or number of objects
 */
export function parseVmManifest(text: string, fileName: string): VmManifest {
  const [first, second] = parseManifest(text, fileName);
  if (first === undefined || second !== undefined)
    throw invalid(fileName, [{ path: '', message: 'must hold exactly one object' }]);
  if (first.kind !== 'VM')
    throw invalid(fileName, [{ path: 'kind', message: `must be VM, not ${first.kind}` }]);
  return first;
}

const OWN_GROUP = /^(ignite\.vm|ignite\.weave\.works)\//;

/** A whole object of somebody else's group, or a map that is no object at all. */
function isForeign(document: Document): boolean {
  if (document.errors.length > 0 || !isMap(document.contents)) return false;
  const [kind, version] = [document.contents.get('kind'), document.contents.get('apiVersion')];
  if (kind === undefined && version === undefined) return true;
  return typeof version === 'string' && !OWN_GROUP.test(version);
}

function byPlace(a: Violation, b: Violation): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

interface ReadDocument {
  readonly manifest?: Manifest;
  readonly violations: readonly Violation[];
}

function readDocument(document: Document, lines: LineCounter, file: string): ReadDocument {
  const broken = document.errors.slice(0, MAX_VIOLATIONS).map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    const message = error.code === 'RESOURCE_EXHAUSTION' ? 'is nested too deeply' : error.message;
    return { path: '', message, line, column: col };
  });
  if (broken.length > 0) return { violations: broken };
  const [start, , end] = document.range ?? [0, 0, 0];
  checkSize(file, end - start, LIMITS.manifestBytes);

  const place = (issue: Issue): Violation => ({
    path: issuePath(issue),
    message: issue.message,
    ...positionOf(document, lines, issue.path, issue.key),
  });
  const value = expand(document, file);
  if (typeof value === 'string') return { violations: [place({ path: [], message: value })] };
  const decoded = decodeDocument(value.value, { file, line: positionOf(document, lines, []).line });
  if (!decoded.ok) return { violations: decoded.issues.slice(0, MAX_VIOLATIONS).map(place) };
  const { manifest } = decoded;
  if (manifest.kind !== 'VM') return { manifest, violations: [] };
  // A manifest may leave the image to `run IMAGE --config FILE`: it is required only where a VM is made.
  const wrong = validateVm(manifest).filter((violation) => violation.path !== 'spec.image.oci');
  return { manifest, violations: wrong.map((violation) => ({ ...violation, ...whereIs(violation, place) })) };
}

function whereIs(
  violation: Violation,
  place: (issue: Issue) => Violation,
): Pick<Violation, 'line' | 'column'> {
  const path = violation.path.split(/[.[\]]+/).filter((part) => part !== '');
  const parts = path.map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part));
  const { line, column } = place({ path: parts, message: '' });
  return { ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}

/** The document as plain values with its aliases filled in; a text says why that is refused. */
function expand(document: Document, file: string): { readonly value: unknown } | string {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return error instanceof ReferenceError ? error.message : 'is nested too deeply';
  }
  checkSize(file, weight(value, LIMITS.manifestBytes), LIMITS.manifestBytes);
  return { value };
}

/** Roughly the bytes a value has when every alias is written out; stops counting beyond `most`. */
function weight(value: unknown, most: number): number {
  if (typeof value === 'string') return value.length + 1;
  if (typeof value !== 'object' || value === null) return 1;
  let sum = 1;
  for (const [key, item] of Object.entries(value)) {
    sum += key.length + weight(item, most - sum);
    if (sum > most) break;
  }
  return sum;
}

function checkSize(file: string, bytes: number, most: number): void {
  if (bytes <= most) return;
  throw new IgniteError('api/manifest-too-large', `The manifest ${file} is larger than ${most} bytes`, {
    details: { file, most },
  });
}

function invalid(file: string, violations: readonly Violation[]): IgniteError {
  return violationsError('api/invalid-manifest', `The manifest ${file}`, violations);
}
