// The stand-in as a program: takes the words of Cloud Hypervisor, refuses what it refuses, serves its API, and plays a guest
// that calls the host over vsock. It imports nothing but its own folder, so that it runs in a jail.
//
// On the console a line `reset` resets the guest, which boots again in the same process, and `poweroff` ends it. TOKEN in
// the environment is the boot token as hex.
import { accessSync, constants } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { isatty } from 'node:tty';
import { isRecord } from '../rules.ts';
import { serveCloudHypervisor, type StandInCloudHypervisor } from './api.ts';
import { configFaults } from './config.ts';
import { readWords } from './words.ts';

const VERSION = 53;
/** Numbers of the guest link's frames (protocol/src/table.ts). */
const [FACTS, LINK, READY_FRAME, TOKEN_FRAME] = [1024, 1025, 64, 69];
const HEADER = 12;

interface Row {
  readonly id?: string;
  readonly path?: string;
  readonly readonly?: boolean;
}

const { config, apiSocket } = readOrEnd();
const disks = rows(config['disks']);
const token = Buffer.from(process.env['TOKEN'] ?? '', 'hex');

for (const { path = '', readonly } of disks)
  accessSync(path, readonly === true ? constants.R_OK : constants.R_OK | constants.W_OK);
const { kernel, initramfs } = isRecord(config['payload']) ? config['payload'] : {};
for (const path of [kernel, initramfs, '/dev/kvm', '/dev/urandom']) accessSync(String(path), constants.R_OK);
if (!isatty(0) || !isatty(1)) end('a console that is no terminal takes no input');

const machine: StandInCloudHypervisor = {
  version: VERSION,
  calls: [],
  state: 'Running',
  disks: disks.flatMap(({ id }) => (id === undefined ? [] : [id])),
  onButton: () => process.exit(0),
};
createServer((pipe) => serveCloudHypervisor(machine, pipe)).listen(apiSocket);

const { socket } = isRecord(config['vsock']) ? config['vsock'] : {};
let calls: readonly Socket[] = [];
boot();
process.stdin.setRawMode(true);
process.stdin.setEncoding('utf8').on('data', (text) => {
  if (String(text).includes('poweroff')) process.exit(0);
  if (!String(text).includes('reset')) return;
  for (const call of calls) call.destroy();
  boot();
});

/** What ignite-init does first: it calls for facts and for the link, and shows the token on both. */
function boot(): void {
  process.stdout.write('booting\n');
  const facts = connect(`${String(socket)}_${FACTS}`, () => {
    const link = connect(`${String(socket)}_${LINK}`, () => {
      link.write(token);
      facts.write(Buffer.concat([frame(TOKEN_FRAME, token), frame(READY_FRAME, ready())]));
    });
    calls = [facts, link];
  });
}

function frame(type: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(payload.length);
  header[4] = type;
  return Buffer.concat([header, payload]);
}

/** MODE app, AGENT_VERSION `x`. */
function ready(): Buffer {
  return Buffer.from([64, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0x78]);
}

function readOrEnd() {
  try {
    const read = readWords(process.argv.slice(2));
    const [wrong] = configFaults(read.config, VERSION);
    return wrong === undefined ? read : end(`Error parsing config: ${wrong}`);
  } catch (error) {
    return end(error instanceof Error ? error.message : String(error));
  }
}

function end(why: string): never {
  process.stderr.write(`Error: Cloud Hypervisor exited with the following error:\n  ${why}\n`);
  process.exit(1);
}

function rows(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
