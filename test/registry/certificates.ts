// A certificate authority of a test's own, and a certificate for 127.0.0.1 from it; made with openssl.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface TestCertificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Writes ca.pem, cert.pem and key.pem into a folder. */
export async function makeCertificates(folder: string): Promise<TestCertificates> {
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execute('openssl', args);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const caFiles = ['-keyout', path('ca.key'), '-out', path('ca.pem')];
  await openssl('req', '-x509', ...newKey, ...caFiles, '-subj', '/CN=test authority', '-days', '2');
  await openssl(
    'req',
    ...newKey,
    '-keyout',
    path('key.pem'),
    '-out',
    path('csr.pem'),
    '-subj',
    '/CN=registry',
  );
  await writeFile(path('ext'), 'subjectAltName=IP:127.0.0.1\n');
  const signer = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-days', '2'];
  await openssl(
    'x509',
    '-req',
    '-in',
    path('csr.pem'),
    ...signer,
    '-extfile',
    path('ext'),
    '-out',
    path('cert.pem'),
  );
  return { authority: path('ca.pem'), certificate: path('cert.pem'), key: path('key.pem') };
}
