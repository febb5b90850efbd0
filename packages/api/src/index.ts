export * from './errors/index.ts';
export * from './progress.ts';
export * from './frames/index.ts';
