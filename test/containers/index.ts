export * from './containerd.ts';
export * from './dockerd.ts';
export * from './ignited.ts';
export * from './start-program.ts';
