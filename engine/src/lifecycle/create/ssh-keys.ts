// A key pair for `--ssh`, in OpenSSH's formats: openssh-portable PROTOCOL.key (private), RFC 4253 section 6.6 and
// RFC 8709 (public, ssh-ed25519).
import { generateKeyPairSync, randomBytes } from 'node:crypto';

interface SshKeyPair {
  /** PEM-like text, no passphrase. */
  readonly privateKey: string;
  /** One line for authorized_keys. */
  readonly publicKey: string;
}

const ALGORITHM = 'ssh-ed25519';
const BLOCK = 8;

/** Makes an ed25519 key pair. @param comment ends both keys, for people */
export function makeSshKeyPair(comment: string): SshKeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const publicBytes = Buffer.from(jwk.x ?? '', 'base64url');
  const seed = Buffer.from(jwk.d ?? '', 'base64url');
  const publicBlob = Buffer.concat([lengthPrefixed(ALGORITHM), lengthPrefixed(publicBytes)]);
  return {
    publicKey: `${ALGORITHM} ${publicBlob.toString('base64')} ${comment}`,
    privateKey: armor(privateBlob(publicBlob, publicBytes, seed, comment)),
  };
}

function privateBlob(publicBlob: Buffer, publicBytes: Buffer, seed: Buffer, comment: string): Buffer {
  const check = randomBytes(4);
  const inner = padded(
    Buffer.concat([
      check,
      check,
      lengthPrefixed(ALGORITHM),
      lengthPrefixed(publicBytes),
      lengthPrefixed(Buffer.concat([seed, publicBytes])),
      lengthPrefixed(comment),
    ]),
  );
  return Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    lengthPrefixed('none'), // cipher
    lengthPrefixed('none'), // key derivation
    lengthPrefixed(''),
    uint32(1), // one key
    lengthPrefixed(publicBlob),
    lengthPrefixed(inner),
  ]);
}

/** Padding is 1, 2, 3, … up to the cipher's block. */
function padded(bytes: Buffer): Buffer {
  const count = (BLOCK - (bytes.length % BLOCK)) % BLOCK;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: count }, (_, index) => index + 1))]);
}

function armor(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

function lengthPrefixed(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
