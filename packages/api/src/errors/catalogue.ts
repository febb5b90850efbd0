// The one catalogue of errors: every failure a user can see has its row here.
import { apiErrors } from './api.ts';
import { archiveErrors } from './archive.ts';
import { sourcesErrors } from './sources.ts';
import { stateErrors } from './state.ts';
import { imagesErrors } from './images.ts';
import { kernelsErrors } from './kernels.ts';
import { disksErrors } from './disks.ts';
import { networkErrors } from './network.ts';
import { vmmErrors } from './vmm.ts';
import { supervisorErrors } from './supervisor.ts';
import { guestErrors } from './guest.ts';
import { lifecycleErrors } from './lifecycle.ts';
import { declareErrors } from './declare.ts';
import { daemonErrors } from './daemon.ts';
import { cliErrors } from './cli.ts';
import { ext4Errors } from './ext4.ts';
import { hostErrors } from './host.ts';
import { imagemakeErrors } from './imagemake.ts';
import { volumesErrors } from './volumes.ts';
import type { ErrorEntry } from './entry.ts';

/** Every error code with its HTTP status, exit status, blame and hint (DESIGN D12). */
export const catalogue = {
  ...apiErrors,
  ...archiveErrors,
  ...cliErrors,
  ...daemonErrors,
  ...declareErrors,
  ...disksErrors,
  ...ext4Errors,
  ...guestErrors,
  ...hostErrors,
  ...imagemakeErrors,
  ...imagesErrors,
  ...kernelsErrors,
  ...lifecycleErrors,
  ...networkErrors,
  ...sourcesErrors,
  ...stateErrors,
  ...supervisorErrors,
  ...vmmErrors,
  ...volumesErrors,
} as const;

export type ErrorCode = keyof typeof catalogue;

/** The row of one code. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return catalogue[code];
}

/** Whether a word from outside (an HTTP answer, a journal line) is a code we know. */
export function isErrorCode(word: string): word is ErrorCode {
  return Object.hasOwn(catalogue, word);
}
