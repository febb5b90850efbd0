// `login` and `logout`: Docker's file, in which everything else stays as it is.
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import type { CliHost } from '../host.ts';
import { type CredentialFile, type Login, readCredentialFile } from './config.ts';
import { eraseInHelper, type Helper, storeInHelper } from './helper.ts';
import { hostKeys } from './servers.ts';
import { randomBytes } from '../lazy.ts';

const EMPTY: CredentialFile = { auths: {}, credHelpers: {}, credsStore: '', document: {} };

/** What a login is kept under. */
export interface Server {
  readonly registry: string;
  readonly key: string;
}

/**
 * Keeps a login: in the helper that the file names, else in the file itself.
 * @returns whether the secret is in the file in plain text
 * @throws IgniteError `cli/file-unreadable`, `cli/file-unwritable`, `cli/credential-helper`
 */
export async function keepLogin(host: CliHost, path: string, server: Server, login: Login): Promise<boolean> {
  const file = (await readCredentialFile(path, false)) ?? EMPTY;
  const helper = helperOf(host, file, server.key);
  if (helper !== undefined) await storeInHelper(helper, server.key, login);
  const entry = helper === undefined ? entryOf(login) : {};
  await write(path, { ...file.document, auths: { ...file.auths, [server.key]: entry } });
  return helper === undefined;
}

/** Forgets a login. @returns whether there was one @throws as `keepLogin` */
export async function forgetLogin(host: CliHost, path: string, server: Server): Promise<boolean> {
  const file = await readCredentialFile(path, false);
  if (file === undefined) return false;
  const keys = [...new Set([server.key, ...hostKeys(server.registry)])];
  const helper = helperOf(host, file, server.key);
  if (helper !== undefined) await eraseInHelper(helper, server.key);
  const known = keys.filter((key) => Object.hasOwn(file.auths, key));
  if (known.length === 0) return false;
  const auths = Object.fromEntries(Object.entries(file.auths).filter(([key]) => !known.includes(key)));
  await write(path, { ...file.document, auths });
  return true;
}

function helperOf(host: CliHost, file: CredentialFile, key: string): Helper | undefined {
  const own = file.credHelpers[key];
  const name = typeof own === 'string' ? own : file.credsStore;
  return name === '' ? undefined : { name, host, home: host.env['HOME'] };
}

function entryOf(login: Login): object {
  if ('identityToken' in login) return { identitytoken: login.identityToken };
  return { auth: Buffer.from(`${login.username}:${login.password}`, 'utf8').toString('base64') };
}

/** Replaces the file in one step, for its owner's eyes only; a link stays a link. */
async function write(path: string, document: object): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const target = await realpath(path).catch(() => path);
    const temporary = `${target}.${randomBytes(16).toString('hex')}`;
    try {
      await using file = await open(temporary, 'wx', 0o600);
      await file.writeFile(`${JSON.stringify(document, null, '\t')}\n`);
      await file.sync();
      await rename(temporary, target);
    } finally {
      await rm(temporary, { force: true });
    }
  } catch (cause) {
    throw new IgniteError('cli/file-unwritable', `The login cannot be written to ${path}`, { cause });
  }
}
