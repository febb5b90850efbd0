export { findDaemon } from './find-daemon.ts';
