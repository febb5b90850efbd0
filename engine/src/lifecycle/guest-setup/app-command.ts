// What runs in a VM in app mode: Docker's rules for entrypoint and command.
import type { ImageRunConfig } from '../../images/port.ts';

/** The user's words; absent and empty are different things. */
export interface CommandWords {
  /** Words after the image, or the manifest's `command`. */
  readonly command?: readonly string[] | undefined;
  /** `--entrypoint`; `['']` or `[]` removes the image's. */
  readonly entrypoint?: readonly string[] | undefined;
}

/**
 * The argv of the VM's main process; empty where neither user nor image names one.
 * An entrypoint of the user's drops the image's command, as `docker run --entrypoint` does.
 */
export function effectiveCommand(words: CommandWords, image: ImageRunConfig): readonly string[] {
  const entrypoint = words.entrypoint?.filter((word, index) => index > 0 || word !== '');
  const command = words.command !== undefined && words.command.length > 0 ? words.command : undefined;
  if (entrypoint !== undefined) return [...entrypoint, ...(command ?? [])];
  return [...image.entrypoint, ...(command ?? image.cmd)];
}

/**
 * The environment of the main process: the image's, then the user's; a later value of one name replaces the
 * earlier in its place.
 */
export function effectiveEnvironment(image: readonly string[], user: readonly string[]): readonly string[] {
  const values = new Map<string, string>();
  for (const entry of [...image, ...user]) values.set(entry.split('=', 1)[0] ?? entry, entry);
  return [...values.values()];
}
