// What QEMU loads from the host while it runs: shared libraries, run-time modules (accel-tcg-*.so among them) and
// firmware. A jail holds these read-only and nothing else of the host.
import { dirname, join } from 'node:path';
import type { RuntimePath } from '../port.ts';
import { runtimePaths } from '../runtime-paths.ts';

/** Where distributions keep them; what is missing is passed over. */
const FOLDERS: readonly string[] = ['/lib', '/lib64', '/usr/lib', '/usr/lib64'];
const DATA: readonly string[] = ['/usr/share/qemu', '/usr/share/seabios', '/etc/ld.so.cache'];
/** Read by QEMU's own user network for the name servers. */
const RESOLVER = '/etc/resolv.conf';
const NIX_STORE = '/nix/store';

/** Paths that a jailed QEMU needs. @param binary absolute path of the program, links resolved */
export async function qemuRuntime(binary: string): Promise<readonly RuntimePath[]> {
  const prefix = dirname(dirname(binary));
  const own = prefix === '/usr' ? [] : ['lib', 'lib64', 'share/qemu'].map((name) => join(prefix, name));
  const nix = binary.startsWith(`${NIX_STORE}/`) ? [NIX_STORE] : [];
  const targets = [...new Set([...FOLDERS, ...DATA, RESOLVER, ...(nix.length > 0 ? nix : own), binary])];
  return runtimePaths(targets);
}
