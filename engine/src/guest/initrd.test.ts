import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { decodeTlv } from '@ignite/api';
import { APP, CONFIG } from '@ignite/protocol';
import { encodeConfig } from './config-records.ts';
import { encodeCpio } from './cpio.ts';
import { createGuest } from './create-guest.ts';
import { initPart } from './initrd.ts';
import type { GuestConfig } from './port.ts';
import { signalNumber } from './signals.ts';

const config: GuestConfig = {
  mode: 'app',
  bootToken: '00112233445566778899aabbccddeeff',
  hostname: 'probe',
  machineId: 'ab'.repeat(16),
  nics: [
    { mac: '02:00:00:00:00:01', address: '10.62.0.2', prefixLength: 16, gateway: '10.62.0.1', mtu: 1500 },
  ],
  dns: ['10.62.0.1'],
  hosts: [{ address: '10.62.0.3', names: ['db', 'db.local'] }],
  rootDrive: 0,
  modulesDrive: 1,
  mounts: [{ drive: 2, path: '/data', readOnly: true }],
  app: {
    argv: ['sh', ''],
    env: ['A=b'],
    workdir: '/w',
    user: 'u',
    tty: false,
    stdin: true,
    stopSignal: 'QUIT',
  },
  authorizedKeys: ['ssh-ed25519 AAAA'],
  files: [{ path: '/etc/x', mode: 0o640, uid: 1, gid: 2, content: Uint8Array.of(0, 255) }],
  time: 1_700_000_000.5,
  powerOff: 'reset',
  channels: 'ports',
  serials: [],
};

const KERNEL = {
  reference: '',
  uid: '',
  digest: '',
  version: '',
  created: '',
  size: 0,
  architecture: '',
  vmlinux: '',
  features: {},
};

/** Names and contents of a newc archive, to its first trailer. */
function readCpio(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const field = (at: number, index: number) =>
    Number.parseInt(bytes.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
  for (let at = 0; ; ) {
    assert.equal(bytes.toString('latin1', at, at + 6), '070701');
    const [size, nameLength] = [field(at, 6), field(at, 11)];
    const name = bytes.toString('utf8', at + 110, at + 110 + nameLength - 1);
    const content = Math.ceil((at + 110 + nameLength) / 4) * 4;
    if (name === 'TRAILER!!!') return files;
    files.set(name, bytes.subarray(content, content + size));
    at = Math.ceil((content + size) / 4) * 4;
  }
}

test('an archive holds its entries and ends at a multiple of 4', () => {
  const bytes = encodeCpio([
    { name: 'a', mode: 0o040755 },
    { name: 'a/file', mode: 0o100644, content: Buffer.from('12345') },
  ]);
  assert.equal(bytes.length % 4, 0);
  assert.deepEqual(
    [...readCpio(bytes)].map(([name, content]) => [name, content.toString()]),
    [
      ['a', ''],
      ['a/file', '12345'],
    ],
  );
});

test('the configuration carries every field', () => {
  const fields = decodeTlv(encodeConfig(config));
  assert.equal(fields.records[0]?.tag, CONFIG.VERSION);
  assert.equal(fields.text(CONFIG.HOSTNAME), 'probe');
  assert.equal(fields.text(CONFIG.HOST), '10.62.0.3\tdb db.local');
  assert.equal(fields.big(CONFIG.TIME), 1_700_000_000_500_000_000n);
  assert.equal(fields.number(CONFIG.MODULES_DRIVE), 1);
  const app = decodeTlv(fields.bytes(CONFIG.APP) ?? new Uint8Array(0));
  assert.deepEqual(app.texts(APP.ARG), ['sh', '']);
  assert.equal(app.number(APP.STOP_SIGNAL), 3);
  for (const tag of [CONFIG.NIC, CONFIG.MOUNT, CONFIG.FILE])
    assert.ok(decodeTlv(fields.bytes(tag) ?? new Uint8Array(0)).records.length >= 3);
});

test('an initrd is the modules, the program and the configuration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-initrd-'));
  try {
    const [initPath, modulesCpio, path] = [
      join(folder, 'init'),
      join(folder, 'modules'),
      join(folder, 'initrd'),
    ];
    const modules = encodeCpio([{ name: 'ignite/modules', mode: 0o100644 }]);
    await writeFile(initPath, 'program');
    await writeFile(modulesCpio, modules);
    const kernel = { ...KERNEL, modulesCpio };
    const guest = createGuest({ initPath });
    await guest.buildInitrd({ kernel, config, path }, AbortSignal.timeout(120_000));
    const bytes = await readFile(path);
    const program = await initPart(initPath);
    assert.equal(readCpio(bytes.subarray(modules.length)).get('init')?.toString(), 'program');
    const last = readCpio(bytes.subarray(modules.length + program.length));
    assert.deepEqual(last.get('ignite/config'), Buffer.from(encodeConfig(config)));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('signals of images are understood in all their spellings', () => {
  const cases: [string, number][] = [
    ['SIGTERM', 15],
    ['quit', 3],
    ['9', 9],
    ['SIGRTMIN+3', 37],
    ['RTMAX-1', 63],
    ['nonsense', 15],
    ['0', 15],
  ];
  for (const [word, number] of cases) assert.equal(signalNumber(word), number, word);
});
