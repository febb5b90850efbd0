export { createUserNetwork, type UserNetwork, type UserNetworkOptions } from './driver.ts';
