export { allDone } from './all-done.ts';
export { cancelled } from './cancelled.ts';
export { createLimiter, type Limiter } from './limiter.ts';
export { type Caller, createSharedWork, type SharedWork } from './shared-work.ts';
export { unlessAborted } from './unless-aborted.ts';
