// Whether a VM boots as a machine or runs one command (CLI rule 3).
import { IgniteError } from '@ignite/api';
import type { ImageRecord } from '../../images/port.ts';
import { type CommandWords, effectiveCommand } from './app-command.ts';

export type BootMode = 'app' | 'system';

export interface BootModeInput extends CommandWords {
  readonly wanted: 'auto' | BootMode;
  /** `--ssh`, or the object came in one of the original's versions: both mean a machine where there is an init. */
  readonly expectsMachine: boolean;
}

const INIT_PATHS: readonly string[] = [
  '/sbin/init',
  '/usr/sbin/init',
  '/bin/init',
  '/init',
  '/lib/systemd/systemd',
  '/usr/lib/systemd/systemd',
  '/bin/systemd',
  '/sbin/openrc-init',
];

const SHELLS: readonly string[] = ['sh', 'bash', 'ash', 'dash', 'zsh', 'fish', 'ksh'];

/**
 * The mode of a VM, first match wins.
 * @throws IgniteError `image/no-command` when there is neither a command nor an init, or system mode is asked of an
 *   image without an init
 */
export function chooseBootMode(
  input: BootModeInput,
  image: Pick<ImageRecord, 'config' | 'init' | 'reference'>,
): BootMode {
  const argv = effectiveCommand(input, image.config);
  const hasInit = image.init !== undefined;
  if (input.wanted === 'system') return requireInit(hasInit || isInit(argv), image.reference);
  if (input.wanted === 'app') return requireCommand(argv, image.reference);

  if (isInit(argv)) return 'system';
  if (given(input.command) || input.entrypoint !== undefined) return requireCommand(argv, image.reference);
  if (input.expectsMachine && hasInit) return 'system';
  if (image.config.entrypoint.length > 0 || (argv.length > 0 && !isBareShell(argv))) return 'app';
  if (hasInit) return 'system';
  return requireCommand(argv, image.reference);
}

/** The init that system mode executes: the command if it is one, else the one found in the image. */
export function initOf(words: CommandWords, image: Pick<ImageRecord, 'config' | 'init'>): string {
  const argv = effectiveCommand(words, image.config);
  return isInit(argv) ? (argv[0] ?? '/sbin/init') : (image.init?.path ?? '/sbin/init');
}

function isInit(argv: readonly string[]): boolean {
  return argv.length > 0 && INIT_PATHS.includes(argv[0] ?? '');
}

function isBareShell(argv: readonly string[]): boolean {
  return argv.length === 1 && SHELLS.includes((argv[0] ?? '').split('/').at(-1) ?? '');
}

function given(command: readonly string[] | undefined): boolean {
  return command !== undefined && command.length > 0;
}

function requireCommand(argv: readonly string[], reference: string): 'app' {
  if (argv.length > 0) return 'app';
  throw new IgniteError('image/no-command', `The image ${reference} names no command and has no init`, {
    stage: 'image',
  });
}

function requireInit(hasInit: boolean, reference: string): 'system' {
  if (hasInit) return 'system';
  throw new IgniteError(
    'image/no-command',
    `The image ${reference} has no init that could run it as a machine`,
    { stage: 'image' },
  );
}
