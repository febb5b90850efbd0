// Every name of a file or folder that Ignite makes on a host, once (FORMATS, On disk). `docs/files.md` has the same
// rows, held equal by a test.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isUid } from '@ignite/api/names';

/** Below the state directory: `/var/lib/ignite`, a user's `$XDG_STATE_HOME/ignite`. */
export const STATE_FILES = {
  format: ['format.json', 'format, minReader, writer, instance, ordinal'],
  lock: ['lock', 'kernel lock of the one daemon; dies with the process, is not inherited'],
  imageLayout: ['images/oci', 'OCI layout: oci-layout, index.json, blobs'],
  baseDisk: ['images/base/<digest>-<recipe>.ext4', 'base disk of one image, 0444, renamed into place'],
  imageRecord: [
    'images/records/<digest>.json',
    'what the conversion of one image found: how it runs, its init',
  ],
  kernel: ['kernels/<digest>', 'vmlinux, modules.ext4, modules.cpio, kernel.json'],
  networkRecord: ['networks/<uid>/record.json', 'a network: what was asked and what was chosen'],
  networkJournal: ['networks/<uid>/journal', 'lasting claims of a network'],
  volumes: ['volumes', 'one folder for each volume'],
  volume: ['volumes/<uid>', 'a volume'],
  volumeRecord: ['volumes/<uid>/record.json', 'a volume: what was asked and what was chosen'],
  volumeJournal: ['volumes/<uid>/journal', 'lasting claims of a volume'],
  volumeDisk: [
    'volumes/<uid>/disk.raw',
    'content of a volume; owned by the uid of the slot whose VM has it open',
  ],
  vms: ['vms', 'one folder for each VM'],
  vm: ['vms/<uid>', 'a VM; a UID not in the form of ours is hashed'],
  vmRecord: ['vms/<uid>/record.json', 'envelope: format, manager, generation, spec, bound, history'],
  vmBackup: [
    'vms/<uid>/record.bak',
    'the record as it was when spec or bound last changed; `ignite repair` reads it',
  ],
  vmBroken: ['vms/<uid>/record.broken', 'a record that could not be read, kept by `ignite repair`'],
  vmJournalBroken: ['vms/<uid>/journal.broken', 'a journal that could not be read, kept by `ignite repair`'],
  vmClaimsBroken: ['vms/<uid>/claims.broken', 'the same for the claims of its run'],
  vmJournal: ['vms/<uid>/journal', 'lasting claims of a VM'],
  vmDisk: [
    'vms/<uid>/disk<index>.<format>',
    'index and format as in bound (`cow`: what differs from the image, for device-mapper), or what a run writes over a volume it reads; owned by the slot’s uid while it runs',
  ],
  vmSeed: ['vms/<uid>/seed', 'keys and files for the guest, 0700'],
  vmSeedFile: [
    'vms/<uid>/seed/seed.json',
    'authorized keys, a private key made for --ssh, pinned host keys, files',
  ],
  vmFiles: [
    'vms/<uid>/files.tar',
    'files for the first start that are too large for the seed; deleted when they are in the guest',
  ],
  vmCni: ['vms/<uid>/cni.json', 'what the plugins of CNI were asked and answered, for their DEL'],
  vmMetrics: ['vms/<uid>/prometheus.sock', '0600; what Prometheus scrapes of one VM that runs'],
  vmExit: ['vms/<uid>/exit.json', 'the last end; written by the supervisor alone'],
  vmLog: ['vms/<uid>/log', 'console, app and vmm logs, bounded; written by the supervisor alone'],
  import: ['imports/<op>', 'files and journal of a worker; removed when done'],
  upload: ['imports/upload-<op>', 'files for a VM that is about to be made; removed when none takes them'],
  imageImport: ['imports/images', 'files of the image store’s running work; emptied at start'],
  imageConvert: ['imports/images/convert-<op>', 'a base disk that is being written'],
  imageLoad: ['imports/images/load-<op>', 'unpacked files of an archive'],
  imageExport: ['imports/images/export-<op>', 'files taken out of a kernel image'],
  imageDownload: ['imports/images/blobs/<digest>', 'a download as far as it has come'],
  imageAdopt: ['imports/images/adopt-<op>', 'copy of an archive’s file, until its digest is known'],
  imageDocument: ['imports/images/document-<op>', 'a manifest on its way into the store'],
  source: ['sources/<name>', 'a folder or repository that declares VMs; the name is a hash of it'],
  sourceApplied: ['sources/<name>/applied.json', 'the revision that was applied last, and what was approved'],
  sourceGit: ['sources/<name>/git', 'bare clone of one branch'],
  sourceConfig: ['sources/<name>/gitconfig', 'settings of git for this clone; no secrets'],
  events: ['events', 'folder of the event segments'],
  eventSegment: ['events/<seq>.jsonl', 'events from one number on; 16 segments of 4 MiB'],
  audit: ['audit/<day>.jsonl', 'who (uid), what, result; thirty days'],
  backup: ['backup/<format>-<time>', 'made before a migration'],
  trash: ['trash', 'folder of what is being deleted'],
  trashed: ['trash/<uid>-<op>', 'rm renames here first, then deletes'],
  daemonLog: ['ignited.log', 'log of the daemon, JSON lines; 10 MiB'],
  daemonLogOld: ['ignited.log.<number>', 'what was in it before; 1 is the newest of two'],
} as const;

/** Below the run directory: `/run/ignite`, a user's `$XDG_RUNTIME_DIR/ignite`. Gone with the boot. */
export const RUN_FILES = {
  socket: ['ignited.sock', '0660 root:ignite; the HTTP API'],
  metrics: ['metrics.sock', '0600; what Prometheus scrapes, at any path'],
  host: ['host.json', 'results of probes (KVM verdict) for this boot id'],
  notice: ['notice.json', 'that the notice of emulation was shown in this boot'],
  slot: ['<slot>', 'what belongs to the VM in one slot while it runs'],
  claims: ['<slot>/claims', 'claims that die with the boot'],
  record: [
    '<slot>/record.json',
    'the VM’s record as it was started there; `ignite repair` adopts it by this if its own is lost',
  ],
  spawnSocket: ['<slot>/spawn.sock', 'control socket of the supervisor'],
  spawnFacts: ['<slot>/spawn.json', 'pid, start time and versions of the supervisor'],
  spawnLaunch: ['<slot>/spawn.launch', 'what the supervisor is to start'],
  spawnSaid: ['<slot>/spawn.launch.said', 'why a supervisor in a container did not start'],
  share: ['<slot>/share<index>', 'empty folder; the program of a shared folder sees the host’s there'],
  initrd: ['<slot>/initrd', 'modules, init and configuration of one VM'],
  jail: ['<slot>/jail', 'where the VMM’s own view of files is mounted, in its namespace only'],
} as const;

type Places<T extends string> = T extends `${string}<${infer Name}>${infer Rest}`
  ? Name | Places<Rest>
  : never;
type Values<T extends string> = Readonly<Record<Places<T>, string | number>>;

/** Absolute path of a state file: `stateFile(root, 'vmDisk', { uid, index: 0, format: 'qcow2' })`. */
export function stateFile<K extends keyof typeof STATE_FILES>(
  root: string,
  file: K,
  values: Values<(typeof STATE_FILES)[K][0]>,
): string {
  return join(root, fill(STATE_FILES[file][0], values));
}

/** Absolute path of a run file. */
export function runFile<K extends keyof typeof RUN_FILES>(
  root: string,
  file: K,
  values: Values<(typeof RUN_FILES)[K][0]>,
): string {
  return join(root, fill(RUN_FILES[file][0], values));
}

/**
 * Name of an object's folder: its UID, or a hash of a UID that is not in our form (FORMATS: legacy UIDs). The name of
 * a folder stands for itself, so that what has no record can be spoken of.
 */
export function uidFolder(uid: string): string {
  if (isUid(uid) || HASHED.test(uid)) return uid;
  return `uid-${createHash('sha256').update(uid).digest('hex').slice(0, 32)}`;
}

/** No UID can be written like this (isLegacyUid). */
const HASHED = /^uid-[0-9a-f]{32}$/;

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/<([a-z]+)>/g, (_, name: string) => {
    const value = String(values[name]);
    const part = name === 'uid' ? uidFolder(value) : value;
    if (!/^[A-Za-z0-9_][A-Za-z0-9._:-]*$/.test(part)) throw new RangeError(`Not a part of a path: ${part}`);
    return part;
  });
}
