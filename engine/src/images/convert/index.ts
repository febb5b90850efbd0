export { convert } from './convert.ts';
export { exportFiles } from './export-files.ts';
