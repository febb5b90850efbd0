export { createNetwork } from './bridge-driver.ts';
export { networkLinkName } from './names.ts';
export type { NetworkOptions } from './options.ts';
export type {
  AttachContext,
  AttachedNic,
  BoundNic,
  Network,
  NetworkMode,
  PortMapping,
  PresentNic,
  TakenNic,
} from './port.ts';
export type { NetworkRecord, NetworkStore } from './record.ts';
export type { ReadText } from './resolvers.ts';
