export { type BridgeNetwork, createNetwork } from './bridge/driver.ts';
export { networkStrays } from './bridge/strays.ts';
export { wishedInterfaces } from './given/annotations.ts';
export { addressesOf, interfacesOf } from './interfaces.ts';
export { type CniOptions, createCniNetwork } from './cni/index.ts';
export { createDockerBridge } from './docker-bridge/index.ts';
export { createNameService, type NameService } from './dns/index.ts';
export { createNetworks } from './networks.ts';
export { createUserNetwork } from './user/index.ts';
export { carriesOrdinal, isNetworkLink } from './names.ts';
export type { Neighbours } from './bridge/options.ts';
export type {
  AttachContext,
  AttachedNic,
  BindRequest,
  BoundNic,
  BridgeNic,
  CheckedHop,
  DeniedRow,
  CniNic,
  DockerNic,
  GivenInterface,
  GivenNetwork,
  GivenNic,
  GivenTaps,
  GuestInterface,
  Network,
  NetworkFacts,
  NetworkMode,
  NetworkRequest,
  NetworkStray,
  NicPlace,
  PortMapping,
  PresentNic,
  TakenNic,
  TapNic,
  UserNic,
} from './port.ts';
export { createTapRates, type TapRates } from './rate.ts';
export type { NetworkStore } from './bridge/record.ts';
export { hostResolvers, type ReadText } from './resolvers.ts';
