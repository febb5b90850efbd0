export type { Found, Job, JobLimits, ParsedKernel, Unpacked, WorkerUser } from './messages.ts';
export type { Answer, Input, Run } from './run.ts';
export { createWorkers, type Workers, type WorkersOptions } from './workers.ts';
