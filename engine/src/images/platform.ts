// Which manifest of an index fits this machine (image-spec image-index.md, `platform`).
import { IgniteError } from '@ignite/api';
import type { Descriptor, ImageIndex } from './schema.ts';

/**
 * The entry of an index for Linux on `architecture`. Entries without a platform count only when they are alone.
 * Attestations (platform `unknown/unknown`) never match.
 * @throws IgniteError `images/wrong-architecture` naming both what was wanted and what there is
 */
export function choosePlatform(index: ImageIndex, architecture: string, what: string): Descriptor {
  const fitting = index.manifests.filter(
    (entry) => entry.platform?.os === 'linux' && entry.platform.architecture === architecture,
  );
  const best = fitting.find((entry) => isBaseVariant(entry)) ?? fitting[0];
  if (best !== undefined) return best;
  const [only, ...more] = index.manifests;
  if (only !== undefined && more.length === 0 && !only.platform) return only;
  throw wrongArchitecture(what, architecture, available(index));
}

/** The error for an image of another machine. */
export function wrongArchitecture(what: string, wanted: string, found: string): IgniteError {
  return new IgniteError('images/wrong-architecture', `${what} is for ${found}, this machine is ${wanted}`, {
    details: { wanted, found },
  });
}

// `amd64/v3` needs a newer processor than every amd64 machine has; arm64 is `v8` or says nothing.
function isBaseVariant(entry: Descriptor): boolean {
  return ['', 'v1', 'v8'].includes(entry.platform?.variant ?? '');
}

function available(index: ImageIndex): string {
  const words = index.manifests
    .map((entry) => entry.platform)
    .filter((platform) => platform?.os !== undefined && platform.os !== 'unknown')
    .map((platform) =>
      platform?.os === 'linux' ? platform.architecture : `${platform?.os}/${platform?.architecture}`,
    );
  return words.length === 0 ? 'no platform it names' : [...new Set(words)].join(', ');
}
