export { followHealth } from './follow-health.ts';
