export { createGuest } from './create-guest.ts';
export type * from './port.ts';
export { signalNumber } from './signals.ts';
