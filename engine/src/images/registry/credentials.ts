// Which of the given credentials belong to a registry.
import type { RegistryCredentials } from '../port.ts';
import { canonicalRegistry } from './hosts.ts';

/** What we can show a registry. */
export type Secret =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string };

/** Docker's helpers answer with this user when the secret is an identity token (docker-credential-helpers, README). */
const IDENTITY_USER = '<token>';

/** The secret for a registry, by canonical host and exact; `none` where there is none. */
export function secretFor(registry: string, credentials: readonly RegistryCredentials[]): Secret {
  const wanted = canonicalRegistry(registry);
  const found = credentials.find((entry) => canonicalRegistry(entry.registry) === wanted);
  if (found === undefined) return { kind: 'none' };
  if (found.identityToken) return { kind: 'identity', token: found.identityToken };
  if (!found.password) return { kind: 'none' };
  if (found.username === IDENTITY_USER) return { kind: 'identity', token: found.password };
  return { kind: 'password', username: found.username ?? '', password: found.password };
}

/** What a request with this secret showed, for errors; nothing secret is in it. */
export function showing(secret: Secret): string {
  if (secret.kind === 'none') return 'without credentials';
  return secret.kind === 'password' ? `as ${secret.username} with a password` : 'with an identity token';
}

/** The value of an `Authorization` field with a password (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
