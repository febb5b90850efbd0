export { checkVm, validateVm } from './vm.ts';
export { describeViolation, joinPath, type Violation, violationsError } from './violation.ts';
