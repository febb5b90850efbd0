export * from './certificates.ts';
export * from './docker-registry.ts';
export * from './fake-registry.ts';
export * from './http-proxy.ts';
