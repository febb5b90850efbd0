export { type MatchRule, matchObject, type Named } from './matching.ts';
export {
  checkVmName,
  generateName,
  generateUid,
  isLegacyUid,
  isUid,
  isVmName,
  isVolumeName,
  type RandomBytes,
} from './names.ts';
export { DEFAULT_NETWORK_NAMES, isMac, isNetworkName } from './networks.ts';
