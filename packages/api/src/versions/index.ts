export { ORIGINAL_KERNEL } from './original-defaults.ts';
export { originalForm } from './original-form.ts';
export { toVersion } from './print.ts';
export { type PrintedManifest, printManifest, type SaidOfVm } from './print-manifest.ts';
export { LEGACY_GROUP, LEGACY_VERSIONS, type LegacyVersion } from './v1alpha.ts';
