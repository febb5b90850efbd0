export { createUserNetwork, type UserNetwork } from './driver.ts';
