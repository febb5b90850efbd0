// Certificates for one registry from folders laid out as Docker's certs.d (docs.docker.com, "Verify repository client
// with certificates").
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { hasErrno } from '../../host/index.ts';

interface Certificates {
  /** The CAs to trust: Node's, the host's and the registry's own. */
  readonly ca: string[];
  readonly cert?: string;
  readonly key?: string;
}

/** Reads `<folder>/<registry>/` in every folder; folders that are not there count as empty. */
export async function readCertificates(registry: string, folders: readonly string[]): Promise<Certificates> {
  const authorities: string[] = [];
  let client: { cert: string; key: string } | undefined;
  for (const folder of folders) {
    const names = await list(join(folder, registry));
    const read = (name: string) => readFile(join(folder, registry, name), 'utf8');
    for (const name of names.filter((entry) => entry.endsWith('.crt'))) authorities.push(await read(name));
    const cert = names.find((name) => name.endsWith('.cert'));
    const key = cert?.replace(/\.cert$/, '.key');
    if (cert !== undefined && key !== undefined && names.includes(key))
      client ??= { cert: await read(cert), key: await read(key) };
  }
  return { ca: [...trusted(), ...authorities], ...client };
}

// Node brings Mozilla's list; the host's owner may have added to the host's own.
function trusted(): readonly string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
