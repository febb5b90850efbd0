// Names the stage in which an operation failed: whoever reads the error must know where to look (D12).
import { IgniteError, isIgniteError, type Report } from '@ignite/api';

/** The error with the stage, unless it names one that is more exact. Errors that are not ours stay as they are. */
export function staged(error: unknown, stage: string | undefined): unknown {
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
