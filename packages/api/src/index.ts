export * from './errors/index.ts';
export * from './progress.ts';
