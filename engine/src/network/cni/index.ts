export { type CniOptions, createCniNetwork } from './driver.ts';
