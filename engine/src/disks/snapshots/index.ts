export { createSnapshots, requireDeviceMapper } from './create-snapshots.ts';
export type { Snapshot, SnapshotFill, Snapshots } from './port.ts';
export { storeBytes } from './tables.ts';
