export { createImages, type ImagesOptions } from './create-images.ts';
export { defaultLimits, type ImportLimits } from './limits.ts';
export type * from './port.ts';
export { defaultRegistrySettings, type RegistrySettings } from './registry/index.ts';
