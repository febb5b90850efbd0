export { createNameService, type NameService } from './name-service.ts';
export type { ZoneEntry } from './zone.ts';
