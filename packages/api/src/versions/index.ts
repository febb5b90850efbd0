export { toVersion } from './print.ts';
export { LEGACY_GROUP, LEGACY_VERSIONS, type LegacyVersion } from './v1alpha.ts';
