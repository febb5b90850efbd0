export { openVolumes } from './create-volumes.ts';
export type { NewVolume, Volumes } from './port.ts';
