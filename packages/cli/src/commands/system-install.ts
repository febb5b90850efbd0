// `ignite system install|uninstall` as data.
import type { CommandSpec } from '../argv/spec.ts';
import type { FlagSpec } from '../argv/grammar.ts';
import { yesFlag } from './shared/common-flags.ts';

const rootFlag: FlagSpec = {
  long: 'root',
  kind: 'string',
  value: 'DIR',
  completes: 'file',
  help: 'Another root folder than /: of an image or a package. Nothing is started or stopped there',
};

/** Let systemd run the daemon. */
export const systemInstall: CommandSpec = {
  path: ['system', 'install'],
  summary: 'Let systemd run the daemon, and VMs come back after a reboot',
  description: `Writes the systemd units, makes the group ignite, whose members may use the daemon, which is equivalent to root, enables and
  starts the socket and the daemon. With the units VMs are stopped in order when the host goes down, and start with it again as
their restart policies say. Again is no error. Where there is no systemd, commands start the daemon when they need it.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [{ long: 'no-start', kind: 'bool', help: 'Enable only; it starts with the next boot' }, rootFlag],
  examples: [{ text: 'After `sh install.sh`', command: 'sudo ignite system install' }],
  load: () => import('../run/system-install.ts'),
};

/** Remove Ignite from the host. */
export const systemUninstall: CommandSpec = {
  path: ['system', 'uninstall'],
  summary: 'Remove Ignite from this host, with all VMs',
  description: `Removes all VMs with their disks, networks, images, kernels, logs and the journal of events, the systemd units, and the
programs that \`install.sh\` or \`make install\` put there. Named volumes stay in the state directory, where a new Ignite finds
them, unless --volumes is given. What is yours stays: /etc/ignite, configurations of CNI, the group ignite while somebody is in
it. An ordinary user's removes what that user's daemon has. It asks first; where it cannot ask, it needs -f.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    { long: 'volumes', kind: 'bool', help: 'Remove named volumes with their content, too' },
    { long: 'force', short: 'f', kind: 'bool', help: 'Do not ask' },
    yesFlag,
    rootFlag,
  ],
  examples: [
    { text: 'Everything, without a question', command: 'sudo ignite system uninstall -f --volumes' },
  ],
  load: () => import('../run/system-uninstall.ts'),
};
