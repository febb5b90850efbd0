// Image references by the grammar of distribution (github.com/distribution/reference, reference.go), composed
// from named parts, with Docker's short forms. Digests are kept: `name@sha256:…`, `name:tag@sha256:…`.
import { IgniteError } from './errors/error.ts';

/** A reference with Docker's defaults for the registry filled in. */
export interface Reference {
  /** `docker.io`, `ghcr.io`, `localhost:5000` */
  readonly registry: string;
  /** `library/ubuntu` */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

const DEFAULT_REGISTRY = 'docker.io';
const LEGACY_REGISTRY = 'index.docker.io';
const OFFICIAL = 'library';
const DEFAULT_TAG = 'latest';
const MAX_NAME_LENGTH = 255;
const MAX_LENGTH = 1024;

const alphanumeric = '[a-z0-9]+';
const separator = '(?:[._]|__|-+)';
const pathComponent = `${alphanumeric}(?:${separator}${alphanumeric})*`;
const path = `${pathComponent}(?:/${pathComponent})*`;
const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainName = `${domainComponent}(?:\\.${domainComponent})*`;
const ipv6 = '\\[[a-fA-F0-9:]+\\]';
const domain = `(?:${domainName}|${ipv6})(?::[0-9]{1,5})?`;

const PATH = new RegExp(`^${path}$`);
const DOMAIN = new RegExp(`^${domain}$`);
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/;
const HEX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

/**
 * Reads a reference in short or full form; a missing tag stays missing.
 * @throws IgniteError `api/invalid-reference`
 */
export function parseReference(text: string): Reference {
  if (text.length > MAX_LENGTH) throw invalid(text, 'is too long');
  const scheme = /^[a-z][a-z+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined) throw invalid(text, `is a URL; leave "${scheme}" out`);
  const [named, digest] = splitDigest(text);
  const [name, tag] = splitTag(named);
  const [registry, repository] = splitRegistry(name);
  if (repository === '') throw invalid(text, 'has no name');
  if (/^[a-f0-9]{64}$/.test(name)) throw invalid(text, 'is a bare digest, not a name');
  if (/[A-Z]/.test(repository)) throw invalid(text, 'has capitals in its name');
  if (!PATH.test(repository)) throw invalid(text, 'has an invalid name');
  if (!DOMAIN.test(registry)) throw invalid(text, `has the invalid registry "${registry}"`);
  if (registry.length + 1 + repository.length > MAX_NAME_LENGTH) throw invalid(text, 'has too long a name');
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text, `has the invalid tag "${tag}"`);
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, `has the invalid digest "${digest}"`);
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Adds the tag `latest` to what has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined
    ? { ...reference, tag: DEFAULT_TAG }
    : reference;
}

/** The full form, `docker.io/library/ubuntu:24.04`. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`;
}

/** Docker's short form, `ubuntu:24.04`; it reads back as the same reference. */
export function familiarReference(reference: Reference): string {
  return `${familiarName(reference)}${suffix(reference)}`;
}

/**
 * A reference as it is stored and shown: familiar form, with the tag `latest` if it has none (API-T02).
 * @throws IgniteError `api/invalid-reference`
 */
export function normalizeReference(text: string): string {
  return familiarReference(withDefaultTag(parseReference(text)));
}

/** Whether a word is a digest of a known algorithm: `sha256:` and 64 hex digits (OCI descriptor, Digests). */
export function isDigest(text: string): boolean {
  const at = text.indexOf(':');
  const length = HEX_LENGTHS.get(text.slice(0, Math.max(at, 0)));
  return length !== undefined && text.length === at + 1 + length && /^[a-f0-9]+$/.test(text.slice(at + 1));
}

function familiarName({ registry, repository }: Reference): string {
  if (registry !== DEFAULT_REGISTRY) return `${registry}/${repository}`;
  const parts = repository.split('/');
  const [first = '', second = ''] = parts;
  if (parts.length === 2 && first === OFFICIAL) return second;
  // Without the registry its first part would be taken for one, or `library/` would be put before it.
  if (parts.length === 1 || looksLikeRegistry(first)) return `${registry}/${repository}`;
  return repository;
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitDigest(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('@');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function splitTag(text: string): readonly [string, string | undefined] {
  const at = text.lastIndexOf(':');
  return at < 0 || text.indexOf('/', at) >= 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function splitRegistry(name: string): readonly [string, string] {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const [registry, rest] =
    slash >= 0 && looksLikeRegistry(first) ? [first, name.slice(slash + 1)] : [DEFAULT_REGISTRY, name];
  if (registry !== DEFAULT_REGISTRY && registry !== LEGACY_REGISTRY) return [registry, rest];
  return [DEFAULT_REGISTRY, rest.includes('/') || rest === '' ? rest : `${OFFICIAL}/${rest}`];
}

/** Docker's rule: a dot, a colon, a capital letter, or `localhost` make the first part a registry. */
function looksLikeRegistry(part: string): boolean {
  return part === 'localhost' || /[.:A-Z]/.test(part);
}

function invalid(text: string, why: string): IgniteError {
  return new IgniteError('api/invalid-reference', `The reference "${text.slice(0, 120)}" ${why}`);
}
