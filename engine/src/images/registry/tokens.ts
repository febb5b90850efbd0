// Bearer tokens (distribution, docs/spec/auth/token.md and oauth.md): asked for once per scope, kept until they expire.
import { IgniteError } from '@ignite/api';
import { z } from 'zod';
import type { Clock } from '../../host/index.ts';
import { parse } from '../schema.ts';
import type { Challenge } from './challenge.ts';
import { basicAuthorization, type Secret, showing } from './credentials.ts';
import { refused } from './failures.ts';
import { readBody } from './read-body.ts';
import type { Answer, Transport } from './transport.ts';

const TOKEN_LIMIT = 1 << 20;
/** token.md: a token that does not say is good for 60 seconds. */
const DEFAULT_LIFETIME_S = 60;
/** Renewed this much earlier, so that it does not end between us and the registry. */
const SLACK_MS = 5_000;

const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().positive().optional(),
});

interface Held {
  readonly value: string;
  readonly until: number;
}

/** Tokens of one session (one caller's credentials towards one registry), by scope. */
export interface Tokens {
  /** A token for the scope that is still good. */
  cached(scope: string): string | undefined;
  /** Asks the challenge's realm. @throws IgniteError `images/unauthorized`, `images/registry-refused` */
  obtain(challenge: Challenge, scope: string, signal: AbortSignal): Promise<string>;
}

/** Makes the token cache of a session. */
export function createTokens(deps: {
  readonly transport: Transport;
  readonly registry: string;
  readonly secret: Secret;
  /** Whether the realm may be plain HTTP: the registry itself is. */
  readonly plainRealm: boolean;
  readonly clock: Clock;
}): Tokens {
  const held = new Map<string, Held>();
  return {
    cached(scope) {
      const entry = held.get(scope);
      return entry !== undefined && entry.until > deps.clock.monotonicMs() ? entry.value : undefined;
    },
    async obtain(challenge, scope, signal) {
      const asked = deps.clock.monotonicMs();
      const realm = realmOf(challenge, deps.registry, deps.plainRealm);
      const answer = await ask(
        deps.transport,
        realm,
        challenge.params.get('service'),
        scope,
        deps.secret,
        signal,
      );
      const token = await readToken({ ...answer, shown: showing(deps.secret) }, deps.registry);
      const lifetime = (token.expires_in ?? DEFAULT_LIFETIME_S) * 1000;
      held.set(scope, { value: token.value, until: asked + lifetime - SLACK_MS });
      return token.value;
    },
  };
}

function realmOf(challenge: Challenge, registry: string, plain: boolean): URL {
  const realm = challenge.params.get('realm') ?? '';
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol === 'https:' || (plain && url?.protocol === 'http:')) return url;
  throw new IgniteError(
    'images/registry-refused',
    `Registry ${registry} names no token server that secrets can be sent to: "${realm.slice(0, 200)}"`,
  );
}

function ask(
  transport: Transport,
  realm: URL,
  service: string | undefined,
  scope: string,
  secret: Secret,
  signal: AbortSignal,
): Promise<Answer> {
  const named = service === undefined ? {} : { service };
  if (secret.kind === 'identity') {
    const form = {
      grant_type: 'refresh_token',
      refresh_token: secret.token,
      client_id: 'ignite',
      ...(scope === '' ? {} : { scope }),
      ...named,
    };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return transport.send(realm, {
      method: 'POST',
      headers,
      body: new URLSearchParams(form).toString(),
      secretBody: true,
      signal,
    });
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(named)) url.searchParams.set(name, value);
  for (const one of scope.split(' ').filter(Boolean)) url.searchParams.append('scope', one);
  if (secret.kind === 'none') return transport.send(url, { signal });
  url.searchParams.set('account', secret.username);
  return transport.send(url, { authorization: basicAuthorization(secret.username, secret.password), signal });
}

async function readToken(
  answer: Answer,
  registry: string,
): Promise<{ value: string; expires_in: number | undefined }> {
  if (answer.status !== 200) throw await refused(answer, 'A token', `the token server of ${registry}`);
  const bytes = await readBody(answer, TOKEN_LIMIT);
  const body = parse(tokenSchema, bytes ?? new Uint8Array(), `The token server's answer for ${registry}`);
  const value = body.token ?? body.access_token;
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value))
    throw new IgniteError('images/registry-refused', `The token server of ${registry} sent no token`);
  return { value, expires_in: body.expires_in };
}
