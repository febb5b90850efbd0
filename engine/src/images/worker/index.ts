export type { Found, Job, JobLimits, Unpacked, WorkerUser } from './messages.ts';
export { type Answer, type Input, type Run, runWorker, type WorkerSettings } from './run.ts';
