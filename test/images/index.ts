export * from './build-image.ts';
export * from './pack-image.ts';
export * from './push-image.ts';
