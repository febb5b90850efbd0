// `--config FILE`: a manifest of one VM, read with the caller's rights.
import type { RequestBody } from '@ignite/api';
import { IgniteError } from '@ignite/api/errors';
import { readText } from './files.ts';

/** What a manifest says of a VM to be made. */
export interface ManifestPart {
  readonly metadata?: NonNullable<RequestBody<'createVm'>['metadata']>;
  readonly spec: RequestBody<'createVm'>['spec'];
}

/**
 * Reads a manifest.
 * @throws IgniteError with line and column where the text is wrong
 */
export async function readManifest(path: string, cwd: string): Promise<ManifestPart> {
  await readText(path, cwd);
  throw new IgniteError('cli/not-available', `--config ${path}: manifests are not read yet`);
}
