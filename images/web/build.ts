// Makes the app image, build/images/ignite-web.tar: busybox's web server and one page, on nothing else.
// Usage: node images/web/build.ts
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normalizeName, readContent, type TarInput } from '@ignite/archive';
import { writeOciLayout } from '../../engine/src/imagemake/index.ts';
import { readDeb, withApt } from '../../engine/src/kernels/index.ts';
import { ARCHITECTURE, EPOCH, saveArchive, withScratch } from '../scratch.ts';

const PACKAGE = 'busybox-static';
const PORT = 8080;
const MAX_BUSYBOX = 16 << 20;
const mtime = { seconds: EPOCH, nanoseconds: 0 };

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000:web:/srv:/bin/sh\n',
  'etc/group': 'root:x:0:\nweb:x:1000:\n',
  'srv/index.html':
    '<!doctype html>\n<title>Ignite</title>\n<h1>It runs</h1>\n<p>A page from a virtual machine.</p>\n',
};
/** The applets that a person looking around wants. */
const APPLETS = ['cat', 'echo', 'env', 'httpd', 'id', 'ip', 'ls', 'ps', 'sh', 'sleep', 'wget'];

function entries(busybox: Buffer): readonly TarInput[] {
  const file = (name: string, content: Buffer, mode: number): TarInput => ({
    type: 'file',
    name,
    mode,
    mtime,
    size: content.length,
    content: [content],
  });
  return [
    ...['bin', 'etc', 'srv'].map((name): TarInput => ({ type: 'directory', name, mode: 0o755, mtime })),
    { type: 'directory', name: 'tmp', mode: 0o1777, mtime },
    file('bin/busybox', busybox, 0o755),
    ...APPLETS.map(
      (name): TarInput => ({ type: 'symlink', name: `bin/${name}`, linkName: 'busybox', mode: 0o777, mtime }),
    ),
    ...Object.entries(FILES).map(([name, text]) => file(name, Buffer.from(text), 0o644)),
  ];
}

async function readBusybox(deb: Buffer): Promise<Buffer> {
  for await (const entry of readDeb(deb)) {
    // /usr/bin since Debian 13
    if (/^(usr\/)?bin\/busybox$/.test(normalizeName(entry.name)) && entry.type === 'file') {
      return await readContent(entry, MAX_BUSYBOX);
    }
  }
  throw new Error(`The package ${PACKAGE} has no busybox`);
}

await withScratch(async (scratch, apt) => {
  const [deb = ''] = await withApt(
    PACKAGE,
    apt,
    async (host) => await host.download([await host.show(PACKAGE)]),
  );
  const layout = join(scratch, 'layout');
  await writeOciLayout(
    {
      folder: layout,
      reference: 'ignite-web:latest',
      architecture: ARCHITECTURE,
      entries: entries(await readBusybox(await readFile(deb))),
      compression: 'gzip',
      config: {
        Entrypoint: ['/bin/httpd', '-f', '-v', '-h', '/srv'],
        Cmd: ['-p', String(PORT)],
        Env: ['PATH=/bin', 'HOME=/srv'],
        User: 'web:web',
        WorkingDir: '/srv',
        ExposedPorts: { [`${PORT}/tcp`]: {} },
        // busybox has no handler, and PID 1 without one is not ended by SIGTERM.
        StopSignal: 'SIGKILL',
        Labels: { 'org.opencontainers.image.title': 'ignite-web' },
      },
      created: EPOCH,
      createdBy: `images/web (${PACKAGE})`,
    },
    apt.signal,
  );
  await saveArchive(layout, 'ignite-web');
});
