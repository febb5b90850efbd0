export { type MatchRule, matchObject, type Named } from './matching.ts';
export {
  checkVmName,
  generateName,
  generateUid,
  isLegacyUid,
  isUid,
  isVmName,
  type RandomBytes,
} from './names.ts';
