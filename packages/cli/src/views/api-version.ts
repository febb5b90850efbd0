// The words of `--api-version`.
import type { LegacyVersion } from '@ignite/api/versions';
import { usage } from '../usage-error.ts';

/** The version that was asked for, by default ours; the group may be left out. @throws IgniteError `cli/usage` */
export function versionOf(word = 'v1beta1'): 'v1beta1' | LegacyVersion {
  const version = word.replace(/^(ignite\.vm|ignite\.weave\.works)\//, '');
  if (version === 'v1beta1' || version === 'v1alpha2' || version === 'v1alpha3' || version === 'v1alpha4')
    return version;
  throw usage(`--api-version takes v1beta1, v1alpha4, v1alpha3 or v1alpha2, not "${word}"`);
}
