// Small kernels, modules and packages made up for tests of this room: whole in form, empty of code; and workers that are no
// processes.
import { mkdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { type TarInput, writeTar } from '@ignite/archive';
import type { Workers } from '../worker/index.ts';
import { parseKernel } from './parse/index.ts';

/** A section: name and content. */
type Section = readonly [string, Buffer];

/** Does a worker's job in this process. */
export function inProcessWorkers(): Workers {
  return {
    run: async ({ job, descriptors = [], signal }) => {
      signal.throwIfAborted();
      if (job.kind !== 'kernel') throw new Error(`No job of this room: ${job.kind}`);
      return { type: 'kernel', kernel: await parseKernel(job, descriptors) };
    },
    async makeFolder(path) {
      await mkdir(path, { mode: 0o700 });
    },
  };
}

/** An ELF of x86-64 with the given sections and, where wanted, one note segment. */
export function makeElf(sections: readonly Section[], note?: Buffer): Buffer {
  const names = Buffer.from(`\0${[...sections.map(([name]) => name), '.shstrtab'].join('\0')}\0`, 'latin1');
  const bodies = [...sections.map(([, body]) => body), names];
  const header = Buffer.alloc(64);
  const programs = note === undefined ? Buffer.alloc(0) : Buffer.alloc(56);
  let at = header.length + programs.length;
  const table = [Buffer.alloc(64)];
  let nameAt = 1;
  for (const [index, body] of bodies.entries()) {
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(nameAt, 0);
    entry.writeUInt32LE(1, 4); // SHT_PROGBITS
    entry.writeBigUInt64LE(BigInt(at), 24);
    entry.writeBigUInt64LE(BigInt(body.length), 32);
    table.push(entry);
    nameAt += (sections[index]?.[0].length ?? 0) + 1;
    at += body.length;
  }
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(BigInt(at + (note?.length ?? 0)), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(table.length, 60);
  header.writeUInt16LE(table.length - 1, 62);
  if (note !== undefined) {
    header.writeBigUInt64LE(64n, 32);
    header.writeUInt16LE(56, 54);
    header.writeUInt16LE(1, 56);
    programs.writeUInt32LE(4, 0); // PT_NOTE
    programs.writeBigUInt64LE(BigInt(at), 8);
    programs.writeBigUInt64LE(BigInt(note.length), 32);
  }
  return Buffer.concat([header, programs, ...bodies, note ?? Buffer.alloc(0), ...table]);
}

/** A vmlinux with the banner and the PVH note. */
export function makeVmlinux(version: string): Buffer {
  const banner = Buffer.from(`Linux version %s\0Linux version ${version} (ignite@test) #1 SMP\n\0`, 'latin1');
  const note = Buffer.alloc(12 + 4 + 4);
  note.writeUInt32LE(4, 0);
  note.writeUInt32LE(4, 4);
  note.writeUInt32LE(18, 8);
  note.write('Xen\0', 12, 'latin1');
  return makeElf([['.rodata', banner]], note);
}

/** A module file with the given .modinfo. */
export function makeModule(info: Readonly<Record<string, string | readonly string[]>>): Buffer {
  const lines = Object.entries(info).flatMap(([key, value]) =>
    [value].flat().map((each) => `${key}=${each}\0`),
  );
  return makeElf([['.modinfo', Buffer.from(lines.join(''), 'latin1')]]);
}

/** A bzImage of boot protocol 2.15 around a payload. */
export function makeBzImage(payload: Buffer): Buffer {
  const setup = Buffer.alloc(512 * 2);
  setup[0x1f1] = 1;
  setup.writeUInt16LE(0xaa55, 0x1fe);
  setup.write('HdrS', 0x202, 'latin1');
  setup.writeUInt16LE(0x020f, 0x206);
  setup.writeUInt32LE(16, 0x248);
  setup.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([setup, Buffer.alloc(16, 0x90), payload]);
}

/** A Debian package of the given files. */
export async function makeDeb(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const entries = Object.entries(files).map(
    ([name, content]): TarInput => ({ type: 'file', name, size: content.length, content: [content] }),
  );
  const pieces: Buffer[] = [];
  for await (const piece of writeTar(entries)) pieces.push(Buffer.from(piece));
  return Buffer.concat([
    Buffer.from('!<arch>\n', 'latin1'),
    arMember('debian-binary', Buffer.from('2.0\n')),
    arMember('control.tar.gz', gzipSync(Buffer.alloc(1024))),
    arMember('data.tar.gz', gzipSync(Buffer.concat(pieces))),
  ]);
}

function arMember(name: string, content: Buffer): Buffer {
  const fields = [name.padEnd(16), '0'.padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '100644'.padEnd(8)];
  const header = Buffer.from(`${fields.join('')}${String(content.length).padEnd(10)}\`\n`, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2, 10)]);
}
