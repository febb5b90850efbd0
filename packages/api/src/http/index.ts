export {
  type Bodies,
  bodies,
  type HandlerBody,
  type HandlerQuery,
  type HandlerResult,
  type RequestBody,
  type ResultDocument,
} from './bodies.ts';
export {
  type ApplyAction,
  type ApplyItem,
  APPLY_ACTIONS,
  type ChangeMoment,
  type DeclaredVm,
} from './declare.ts';
export {
  type ErrorBody,
  errorAnswer,
  errorBody,
  type OperationLine,
  progress,
} from './parts.ts';
export { type AnswerKind, buildPath, type OperationId, type Path, paths, UPGRADE_PROTOCOL } from './paths.ts';
export { openApiDocument } from './openapi.ts';
export type { GuestProcess, GuestProcesses, VmStats } from './stats.ts';
export type { AttachSource, GitSource, SourceProblem, SourceStatus, WriteBackMode } from './sources.ts';
export type { EventBody } from './system.ts';
