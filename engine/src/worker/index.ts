export type { Job, JobLimits, ParsedKernel, Unpacked, WorkerUser } from './messages.ts';
export type { Answer, Input } from './run.ts';
export { createWorkers, type Workers } from './workers.ts';
