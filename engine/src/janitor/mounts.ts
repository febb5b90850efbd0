// Mounts below what we make for VMs. One on the state directory itself, or on its images or volumes, is the owner's.
import type { Commands } from '../host/index.ts';
import type { Finder } from './broom.ts';

/** @param mountInfo reads /proc/self/mountinfo */
export function strayMounts(
  places: { readonly root: string; readonly runRoot: string },
  commands: Commands,
  mountInfo: () => Promise<string>,
): Finder {
  const ours = [
    new RegExp(`^${literal(places.runRoot)}/\\d{1,4}/`),
    new RegExp(`^${literal(places.root)}/(imports|trash|vms/[^/]+)/`),
  ];
  return async () => {
    const points = (await mountInfo()).split('\n').map((line) => unescape(line.split(' ')[4] ?? ''));
    const strays = points.filter((point) => ours.some((pattern) => pattern.test(point))).toReversed();
    return strays.map((name) => ({
      kind: 'mount',
      name,
      why: 'nothing is mounted there by a VM',
      remove: async (signal) => void (await commands.run(['umount', '--lazy', '--', name], { signal })),
    }));
  };
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Blanks and others are written in octal: proc_pid_mountinfo(5). */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
