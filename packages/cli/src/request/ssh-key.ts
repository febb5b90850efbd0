// `--ssh=FILE`: a public key of the caller.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { usage } from '../usage-error.ts';
import { readText } from './files.ts';

const PUBLIC_KEY = /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+)\s+[A-Za-z0-9+/=]+(\s.*)?$/;

/** The key's line; `.pub` is appended where it is absent (CLI-C17). */
export async function readPublicKey(path: string, cwd: string): Promise<string> {
  const named = path.endsWith('.pub') || !existsSync(resolve(cwd, `${path}.pub`)) ? path : `${path}.pub`;
  const lines = (await readText(named, cwd)).split('\n').map((line) => line.trim());
  const key = lines.find((line) => line !== '' && !line.startsWith('#')) ?? '';
  if (!PUBLIC_KEY.test(key)) throw usage(`--ssh=${path}: ${named} holds no SSH public key`);
  return key;
}
