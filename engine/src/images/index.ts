export { createImages, type ImagesOptions } from './create-images.ts';
export { importLimits, registrySettings } from './from-configuration.ts';
export { defaultLimits } from './limits.ts';
export type * from './port.ts';
