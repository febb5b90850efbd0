export { editManifest, type FieldEdit } from './edit/edit-manifest.ts';
export type { ConfigurationManifest, ImageManifest, Manifest, Origin, VmManifest } from './object.ts';
export { parseManifest, parseVmManifest } from './parse-manifest.ts';
export { specDocument } from './spec-document.ts';
