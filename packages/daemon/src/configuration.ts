// The user's Configuration file, read once at the start; read-only to us.
import { readFile } from 'node:fs/promises';
import { type ConfigurationSpec, IgniteError, parseManifest } from '@ignite/api';

/**
 * The spec of the Configuration at `path`; empty where there is no file.
 * @throws IgniteError `daemon/bad-configuration`, `api/invalid-manifest` with the places in the file
 */
export async function loadConfiguration(path: string): Promise<ConfigurationSpec> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
    throw new IgniteError('daemon/bad-configuration', `Could not read ${path}`, { cause });
  }
  const [document, ...more] = parseManifest(text, path);
  if (document?.kind !== 'Configuration' || more.length > 0)
    throw new IgniteError('daemon/bad-configuration', `${path} must hold one object of kind Configuration`);
  return document.spec ?? {};
}
