export { type CniOptions, createCniNetwork } from './driver.ts';
export type { CniStore } from './record.ts';
