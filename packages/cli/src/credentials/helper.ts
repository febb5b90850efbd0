// Docker's credential helpers (docker/docker-credential-helpers, README): `docker-credential-X get|store|erase`, the
// server or a JSON document on stdin.
import { IgniteError } from '@ignite/api/errors';
import type { CliHost } from '../host.ts';
import { childProcess } from '../lazy.ts';
import { fieldsOf, type Login } from './config.ts';

const HELPER_MS = 10_000;
/** A helper says so with this user: its secret is an identity token. */
const TOKEN_USER = '<token>';

export interface Helper {
  /** `pass` for docker-credential-pass */
  readonly name: string;
  readonly host: CliHost;
  /** Whose secrets it is to look at. */
  readonly home: string | undefined;
}

/** What the helper knows of a server; a helper that is not there, or knows nothing, is no error. */
export async function askHelper(helper: Helper, server: string): Promise<Login | undefined> {
  try {
    const { Secret: secret, Username: username } = fieldsOf(
      JSON.parse(await runHelper(helper, 'get', server)),
    );
    if (typeof username !== 'string' || typeof secret !== 'string') return undefined;
    return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
  } catch {
    return undefined;
  }
}

/** Gives the helper a login to keep. @throws IgniteError `cli/credential-helper` */
export async function storeInHelper(helper: Helper, server: string, login: Login): Promise<void> {
  const [username, secret] =
    'identityToken' in login ? [TOKEN_USER, login.identityToken] : [login.username, login.password];
  await runHelper(helper, 'store', JSON.stringify({ ServerURL: server, Username: username, Secret: secret }));
}

/** Lets the helper forget a server; one that does not know it is no error. */
export async function eraseInHelper(helper: Helper, server: string): Promise<void> {
  await runHelper(helper, 'erase', server).catch(() => {});
}

async function runHelper({ name, host, home }: Helper, verb: string, input: string): Promise<string> {
  if (!/^[\w.-]+$/.test(name))
    throw new IgniteError('cli/credential-helper', `"${name}" is no name of a credential helper`);
  const program = `docker-credential-${name}`;
  const env = { ...host.env, ...(home === undefined ? {} : { HOME: home }) };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = childProcess().execFile(
    program,
    [verb],
    { timeout: HELPER_MS, env },
    (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = (stdout.trim() || stderr.trim()).split('\n')[0] ?? '';
      const why = error.code === 'ENOENT' ? 'is not installed' : `failed${said === '' ? '' : `: ${said}`}`;
      reject(new IgniteError('cli/credential-helper', `${program} ${why}`));
    },
  );
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return await promise;
}
