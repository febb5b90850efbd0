// Public keys of a guest's SSH server, pinned when they are first seen. They come from the agent, over the VM's own link, so
// that nothing in the network between host and guest can forge them.
import { IgniteError } from '@ignite/api';
import { loadSeed, saveSeed } from '../state/index.ts';
import { guestOutput } from './connect/guest-output.ts';
import type { LiveVm } from './live-vm.ts';
import type { OperationRooms } from './operations.ts';
import { openSession } from './connect/session.ts';

const MOST_KEYS = 16;
const MOST_CHARACTERS = 32_768;
/** A machine that boots while it is asked, emulated on a busy host, takes its time. */
const ASK_MS = 60_000;
/** A line of a public key file: type, base64, comment (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
const KEY_LINE = /^((?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,64}) ([A-Za-z0-9+/]{16,4096}={0,2})(?: .*)?$/;
/** OpenSSH keeps them as text; dropbear's have to be asked for. */
const KEYS = `keys() {
  cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null
  for key in /etc/dropbear/dropbear_*_host_key; do [ -e "$key" ] && dropbearkey -y -f "$key" 2>/dev/null; done
  true
}
keys`;
const SOCKETS = 'ssh.socket sshd.socket dropbear.socket';
/**
 * Says the keys. Where there are none since nobody has connected yet, the server is started that systemd would start then
 * (systemd.socket(5), Accept=no), which makes them.
 */
export const AWAKE = `${KEYS}
[ -n "$(keys)" ] || for socket in ${SOCKETS}; do
  systemctl -q is-active "$socket" 2>/dev/null || continue
  server=$(systemctl show -p Triggers --value "$socket" 2>/dev/null)
  [ -n "$server" ] && systemctl -q start "$server" >/dev/null 2>&1 && keys
done
true`;
/**
 * Shell words that succeed where a server is at work: somebody listens at port 22, or systemd for it at any port, or sshd
 * or dropbear listens anywhere, by the inodes of its sockets (proc(5), /proc/net/tcp, /proc/PID/fd).
 */
export const SERVED = `served() {
  grep -qs ':0016 [0-9A-F]*:0000 0A ' /proc/net/tcp /proc/net/tcp6 && return
  systemctl -q is-active ${SOCKETS} 2>/dev/null && return
  for process in /proc/[0-9]*; do
    read -r name 2>/dev/null <"$process/comm" || continue
    case $name in sshd | dropbear) ;; *) continue ;; esac
    for link in "$process"/fd/*; do
      target=$(readlink "$link" 2>/dev/null) || continue
      inode=\${target#socket:\\[}
      [ "$inode" = "$target" ] && continue
      grep -qs " 0A .* \${inode%]} " /proc/net/tcp /proc/net/tcp6 && return
    done
  done
  return 1
}
served`;
/** Says nothing before: a machine that boots first makes its keys anew. */
const WHEN_SERVED = `${SERVED} || exit 0\n`;

/** What is pinned, or what the agent says now, which is pinned then. Empty: it does not say, or there is no server yet. */
export async function hostKeysOf(
  vm: LiveVm,
  engine: OperationRooms,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { hostKeys = [] } = await loadSeed(engine.rooms.state, vm.record.metadata.uid);
  if (hostKeys.length > 0 || vm.handle === undefined) return hostKeys;
  return await pin(vm, engine, AWAKE, signal).catch(() => []); // whoever needs keys reports that there are none
}

/** Pins what the agent says now, whatever was pinned before. @throws IgniteError `vm/no-host-key`, `guest/…` */
export async function pinHostKeys(
  vm: LiveVm,
  engine: OperationRooms,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const keys = await pin(vm, engine, AWAKE, signal);
  if (keys.length > 0) return keys;
  throw new IgniteError(
    'vm/no-host-key',
    `${vm.record.metadata.name} has no SSH host key that its agent can see`,
  );
}

/**
 * Pins the keys of a server that is at work, where none are pinned. One that sleeps until somebody connects is started only
 * where a key was given for it.
 * @returns whether keys are pinned now
 * @throws IgniteError `vm/not-running`, `guest/…` when the agent does not answer
 */
export async function pinServedKeys(
  vm: LiveVm,
  engine: OperationRooms,
  signal: AbortSignal,
): Promise<boolean> {
  const { hostKeys = [] } = await loadSeed(engine.rooms.state, vm.record.metadata.uid);
  if (hostKeys.length > 0) return true;
  const script = vm.record.spec.ssh ? AWAKE : KEYS;
  return (await pin(vm, engine, `${WHEN_SERVED}${script}`, signal)).length > 0;
}

async function pin(
  vm: LiveVm,
  { rooms, queues }: OperationRooms,
  script: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  const session = await openSession(vm, rooms.guest, until);
  const request = { argv: ['/bin/sh', '-c', script], user: '0' };
  const { out } = await guestOutput(session, request, MOST_CHARACTERS, until);
  const hostKeys = readKeys(out);
  const { uid } = vm.record.metadata;
  if (hostKeys.length === 0) return hostKeys;
  const save = async () => {
    if (!vm.removed) await saveSeed(rooms.state, uid, { ...(await loadSeed(rooms.state, uid)), hostKeys });
  };
  await queues.run(uid, save, { signal }); // in its turn: a VM that is being removed gets no file
  return hostKeys;
}

/** Type and base64 of each key among what was said. Pure. */
export function readKeys(text: string): readonly string[] {
  const keys = text.split('\n').flatMap((line) => {
    const [, type, key] = KEY_LINE.exec(line.trim()) ?? [];
    return type === undefined || key === undefined ? [] : [`${type} ${key}`];
  });
  return [...new Set(keys)].slice(0, MOST_KEYS);
}
