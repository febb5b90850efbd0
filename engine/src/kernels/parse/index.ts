export { parseKernel } from './parse-kernel.ts';
