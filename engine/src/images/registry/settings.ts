// Settings of the registry client, made once from Configuration and the host.
import type { SecureContexts } from './secure-contexts.ts';

export interface RegistrySettings {
  /** Registries (host[:port]) that may be spoken to over plain HTTP or with an unknown certificate. */
  readonly insecureRegistries: readonly string[];
  /**
   * Folders laid out as Docker's `certs.d`: `<host[:port]>/*.crt` are trusted CAs for that registry,
   * `client.cert` with `client.key` are ours towards it.
   */
  readonly certificateFolders: readonly string[];
  /** Mirrors per registry, tried in this order before the registry itself: `https://mirror.example[:port]`. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** Proxy variables (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, either case); usually those of the daemon. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the headers of an answer are there. */
  readonly headersTimeoutMs: number;
  /** Milliseconds without a byte until a download counts as cut. */
  readonly idleTimeoutMs: number;
  /** Attempts in a row without a new byte until a download is given up. */
  readonly attempts: number;
  /** First pause between attempts, milliseconds; doubles each time. */
  readonly backoffMs: number;
  /** Where contexts for TLS are kept; absent: each transport makes its own. */
  readonly secureContexts?: SecureContexts;
}

export const defaultRegistrySettings: RegistrySettings = {
  insecureRegistries: [],
  certificateFolders: ['/etc/docker/certs.d', '/etc/containers/certs.d', '/etc/ignite/certs.d'],
  mirrors: {},
  environment: {},
  headersTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  attempts: 5,
  backoffMs: 500,
};
