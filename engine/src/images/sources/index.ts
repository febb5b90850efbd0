export { adoptBundle } from './adopt-bundle.ts';
export { type Bundle, folderBundle, unpackedBundle } from './bundle.ts';
export { adoptRootfs } from './rootfs-bundle.ts';
export type { BundledImage } from './oci-bundle.ts';
