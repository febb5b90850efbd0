// The machine image of Debian and Ubuntu: systemd and sshd, with what the base images of the first Ignite held, made
// to boot fast in a VM that has four devices. `images/debian/README.md` says for users what is in it and why.
import type { MachineRecipe } from './recipe.ts';

/** Units that a microVM has no use for; each costs a process start, or waits for hardware that never comes. */
const MASKED = [
  // housekeeping of packages and file systems that a VM's owner has not asked for
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'man-db.timer',
  'motd-news.timer',
  // screens, keyboards, sleep
  'console-getty.service',
  'getty@tty1.service',
  'modprobe@drm.service',
  'systemd-backlight@.service',
  'systemd-rfkill.service',
  'systemd-rfkill.socket',
  'systemd-hibernate.service',
  'systemd-suspend.service',
  // firmware that is not there
  'modprobe@efi_pstore.service',
  'systemd-pstore.service',
  'systemd-boot-random-seed.service',
  // done when the image was made
  'systemd-firstboot.service',
  'systemd-hwdb-update.service',
  'systemd-machine-id-commit.service',
  'systemd-update-done.service',
  'systemd-journal-catalog-update.service',
  'ldconfig.service',
  // mounts that few want; `systemctl unmask` brings them back
  'dev-hugepages.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
];

const ISSUE = `\\S{PRETTY_NAME} \\n \\l

Nobody has a password here. On the host:  ignite exec -it \\n bash   or   ignite ssh \\n

`;

/**
 * Makes host keys at the first start of sshd: an image that carried them would give all its VMs the same. The check of
 * the configuration that Debian puts before every start is left out: sshd checks it again itself. A VM that is killed
 * while it writes a key has an empty file afterwards, which ssh-keygen would not replace.
 */
const SSH_SERVICE = `[Service]
ExecStartPre=
ExecStartPre=/bin/sh -c 'for t in ed25519 ecdsa; do f=/etc/ssh/ssh_host_$\${t}_key; test -s $$f || { rm -f $$f; ssh-keygen -q -t $$t -N "" -C "" -f $$f; sync $$f; }; done'
`;

const SSHD_CONFIG = `# Two kinds of host key: an RSA key takes seconds to make where the VM is emulated.
HostKey /etc/ssh/ssh_host_ed25519_key
HostKey /etc/ssh/ssh_host_ecdsa_key
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
`;

/**
 * udev would load a dozen modules for the CPU's features at boot, a tenth of the boot's work where the VM is emulated.
 * What asks for them still gets them by name; /dev/kvm, which has no name for its CPU's half, is told.
 */
const MODPROBE = `alias cpu:type:* off
softdep kvm post: kvm_intel kvm_amd
`;

/** The modules drive is in use until the end: systemd must not complain that it cannot unmount it. */
const MODULES_MOUNT = '[Unit]\nDefaultDependencies=no\n';

/** systemd's ConditionNeedsUpdate= compares these with /usr, and is content when they are as new. */
const UPDATED = '# This file was created by systemd-update-done. Its only purpose is to hold a timestamp.\n';

export const systemdRecipe: MachineRecipe = {
  packages: [
    'apt', // which Ubuntu does not count among what is required, as Debian does
    'ca-certificates',
    'curl',
    'dbus',
    'iproute2',
    'iputils-ping',
    'kmod',
    'net-tools',
    'netbase',
    'openssh-server',
    'procps',
    'sudo',
    'systemd',
    'systemd-sysv',
    'udev',
    'vim-tiny',
    'wget',
  ],
  drop: [
    // the guest has its own
    /^(dev|proc|sys|run|tmp)\/./,
    // made for each VM: by sshd's first start and by ignite-init
    /^etc\/ssh\/ssh_host_/,
    /^etc\/(hostname|resolv\.conf)$/,
    // caches and logs; without /var/log/journal the journal stays in memory
    /^var\/cache\/(apt|debconf|ldconfig|man)\/./,
    /^var\/lib\/apt\/lists\/./,
    /^var\/log\/journal$/,
    /^var\/log\/.*\.log$/,
    // documents and translations
    /^usr\/share\/(doc|info|lintian|linda|bug|man|locale)\/./,
    // names of USB and PCI devices, 25 MB
    /^(usr\/)?lib\/udev\/hwdb(\.bin$|\.d\/)/,
    // what package scripts enabled; see MASKED
    /^etc\/systemd\/system\/(getty|timers|sysinit)\.target\.wants\/(getty@tty1|apt-daily|dpkg-db-backup|e2scrub|systemd-pstore)/,
    /^etc\/systemd\/system\/multi-user\.target\.wants\/e2scrub_reap/,
  ],
  keep: [/^usr\/share\/doc\/[^/]+(\/copyright)?$/],
  // the client's locale is seldom there
  edits: [{ path: 'etc/ssh/sshd_config', removeLines: /^\s*AcceptEnv\s+LANG/ }],
  files: [
    { path: 'etc/machine-id', mode: 0o444, text: '' },
    { path: 'etc/fstab', mode: 0o644, text: '# ignite mounts the root disk and the volumes\n' },
    { path: 'etc/hosts', mode: 0o644, text: '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n' },
    { path: 'etc/issue', mode: 0o644, text: ISSUE },
    { path: 'etc/default/locale', mode: 0o644, text: 'LANG=C.UTF-8\n' },
    { path: 'etc/ssh/sshd_config.d/ignite.conf', mode: 0o644, text: SSHD_CONFIG },
    { path: 'etc/systemd/system/ssh.service.d/ignite.conf', mode: 0o644, text: SSH_SERVICE },
    {
      path: 'etc/systemd/system.conf.d/ignite.conf',
      mode: 0o644,
      text: '[Manager]\nDefaultTimeoutStopSec=20s\n',
    },
    ...['lib-modules', 'usr-lib-modules'].map((name) => ({
      path: `etc/systemd/system/${name}.mount.d/ignite.conf`,
      mode: 0o644,
      text: MODULES_MOUNT,
    })),
    { path: 'etc/modprobe.d/ignite.conf', mode: 0o644, text: MODPROBE },
    { path: 'etc/.updated', mode: 0o644, text: UPDATED },
    { path: 'var/.updated', mode: 0o644, text: UPDATED },
  ],
  links: {
    'etc/systemd/system/default.target': '/lib/systemd/system/multi-user.target',
    ...Object.fromEntries(MASKED.map((unit) => [`etc/systemd/system/${unit}`, '/dev/null'])),
  },
};
