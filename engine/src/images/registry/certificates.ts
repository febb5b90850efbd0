// Certificates for one registry from folders laid out as Docker's certs.d (docs.docker.com, "Verify repository client
// with certificates").
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { hasErrno } from '../../host/index.ts';

export interface Certificates {
  /** The CAs to trust: Node's, the host's and the registry's own. */
  readonly ca: string[];
  readonly cert?: string;
  readonly key?: string;
}

/** Where distributions keep the host's list (Go, crypto/x509/root_linux.go, certFiles). */
const BUNDLES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

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
  return { ca: [...(await trusted()), ...authorities], ...client };
}

// Node brings Mozilla's list; the host's owner may have added to the host's own.
async function trusted(): Promise<readonly string[]> {
  const all = [...getCACertificates('default'), ...(await hostAuthorities())];
  return [...new Set(all.map((certificate) => certificate.trim()))];
}

// As OpenSSL and Go find it. Node's own reader does not let the daemon answer for 25 ms and more.
async function hostAuthorities(): Promise<readonly string[]> {
  const { SSL_CERT_FILE, SSL_CERT_DIR } = process.env;
  const found: string[] = [];
  for (const path of SSL_CERT_FILE === undefined ? BUNDLES : [SSL_CERT_FILE]) {
    found.push(...(await certificatesOf(path)));
    if (found.length > 0) break;
  }
  for (const folder of SSL_CERT_DIR?.split(':').filter(Boolean) ?? [])
    for (const name of await list(folder)) found.push(...(await certificatesOf(join(folder, name))));
  return found.length > 0 ? found : getCACertificates('system');
}

async function certificatesOf(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => ''); // not there, a folder, or not for us
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
