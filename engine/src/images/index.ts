export { createImages, type ImagesOptions } from './create-images.ts';
export { importLimits, registrySettings } from './from-configuration.ts';
export { defaultLimits, type ImportLimits } from './limits.ts';
export type * from './port.ts';
export { defaultRegistrySettings, type RegistrySettings } from './registry/index.ts';
