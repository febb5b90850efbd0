// `ignite exec` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { identityFlag, insecureFlag, timeoutFlag } from './shared/common-flags.ts';

/** Run a command in a VM. */
export const exec: CommandSpec = {
  path: ['exec'],
  also: [['vm', 'exec']],
  summary: 'Run a command in a running VM',
  description: `Runs a further command in a running VM, without SSH; with a key, by SSH. stdin is always sent (-n stops it). The
words reach the guest exactly as they are; only if the first holds a blank or a shell character are all of them
joined for the guest's /bin/sh.

-i followed by a word with a / takes that as a key file; otherwise it is Docker's -i.

Exit status: the command's own; 125 if Ignite failed, 126 if the command cannot be run, 127 if it was not found.`,
  operands: 'VM COMMAND [ARG...]',
  fewest: 1,
  most: 1,
  guestWords: true,
  completes: ['vm'],
  flags: [
    {
      long: 'interactive',
      short: 'i',
      kind: 'key-or-bool',
      help: 'Send stdin (always so); with a word that has a /, a key file',
    },
    { long: 'tty', short: 't', kind: 'bool', help: 'Give the command a terminal' },
    { long: 'no-stdin', short: 'n', kind: 'bool', help: 'Send no stdin' },
    { long: 'detach', short: 'd', kind: 'bool', help: 'Start it and do not wait for it' },
    { long: 'env', short: 'e', kind: 'list', value: 'NAME[=VALUE]', help: 'Set an environment variable' },
    {
      long: 'env-file',
      kind: 'list',
      value: 'FILE',
      completes: 'file',
      help: 'Read environment variables from a file',
    },
    { long: 'workdir', short: 'w', kind: 'string', value: 'DIR', help: 'Working directory' },
    { long: 'user', short: 'u', kind: 'string', value: 'USER[:GROUP]', help: 'User to run as' },
    {
      long: 'privileged',
      kind: 'bool',
      hidden: true,
      help: 'No effect: root in a VM may do everything there',
    },
    {
      long: 'detach-keys',
      kind: 'string',
      value: 'KEYS',
      help: 'Keys that detach a terminal',
      fallback: 'ctrl-p,ctrl-q',
    },
    identityFlag,
    insecureFlag,
    timeoutFlag,
  ],
  examples: [
    { text: 'A shell in a VM', command: 'ignite exec -it my-vm sh' },
    { text: 'One command', command: 'ignite exec my-vm uname -a' },
    { text: 'A pipe', command: 'ignite exec my-vm tee /etc/motd < motd.txt' },
  ],
  load: () => import('../run/exec.ts'),
};
