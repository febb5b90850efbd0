export { followHealth } from './follow-health.ts';
export type { Health } from './judge.ts';
