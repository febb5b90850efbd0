// A credential file: Docker's config.json, and containers' auth.json, which has the same form.
import { readFile } from 'node:fs/promises';
import { IgniteError } from '@ignite/api/errors';

/** The parts that we read; `rest` is the whole document. */
export interface CredentialFile {
  readonly auths: Readonly<Record<string, unknown>>;
  readonly credHelpers: Readonly<Record<string, unknown>>;
  /** Helper for every registry, or empty. */
  readonly credsStore: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** A secret as a file or a helper gives it. */
export type Login =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string };

/**
 * Reads a file; undefined where there is none, or none for the caller's eyes.
 * @param required then that is an error too
 * @throws IgniteError `cli/file-unreadable`
 */
export async function readCredentialFile(
  path: string,
  required: boolean,
): Promise<CredentialFile | undefined> {
  try {
    const document = fieldsOf(JSON.parse(await readFile(path, 'utf8')));
    const { credsStore } = document;
    return {
      auths: fieldsOf(document['auths']),
      credHelpers: fieldsOf(document['credHelpers']),
      credsStore: typeof credsStore === 'string' ? credsStore : '',
      document,
    };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (!required && (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR')) return undefined;
    throw new IgniteError('cli/file-unreadable', `The registry credentials in ${path} cannot be read`, {
      cause,
    });
  }
}

/** The login of one entry of `auths`; undefined where it holds none. */
export function loginOf(entry: unknown): Login | undefined {
  const { auth, identitytoken, password, username } = fieldsOf(entry);
  if (typeof identitytoken === 'string' && identitytoken !== '') return { identityToken: identitytoken };
  if (typeof auth === 'string' && auth !== '') {
    const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = text.indexOf(':');
    return colon === -1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
