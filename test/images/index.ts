export * from './build-image.ts';
export * from './pack-image.ts';
export * from './push-image.ts';
export * from './synthetic-image.ts';
