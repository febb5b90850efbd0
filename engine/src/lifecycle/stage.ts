// Names the stage in which an operation failed, so that the reader of the error knows where to look (D12).
import { IgniteError, isIgniteError, type Report } from '@ignite/api';
import { hasErrno } from '../host/index.ts';

/**
 * The error with the stage, unless it names a more exact one. A full disk is reported as such wherever it showed; other
 * errors that are not ours are kept as they are.
 */
export function staged(error: unknown, stage: string | undefined): unknown {
  if (hasErrno(error, 'ENOSPC'))
    return new IgniteError(
      'host/disk-full',
      'The file system of the state directory, or that of the run directory, is full',
      {
        cause: error,
        ...(stage === undefined ? {} : { stage }),
      },
    );
  if (!isIgniteError(error) || error.stage !== undefined || stage === undefined) return error;
  const { code, message, cause, details } = error;
  return new IgniteError(code, message, { stage, details, ...(cause === undefined ? {} : { cause }) });
}

/** Hands progress on and remembers the stage that was named last. */
export function rememberStage(report: Report): { readonly report: Report; stage(): string | undefined } {
  let stage: string | undefined;
  return {
    report: (progress) => {
      if (progress.kind === 'stage') stage = progress.name;
      report(progress);
    },
    stage: () => stage,
  };
}
