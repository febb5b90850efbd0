// `ignite build` with builders that are none: programs that note their words and write an archive.
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { writeTar } from '@ignite/archive';
import type { ImageDocument } from '@ignite/client';
import { type FakeDaemon, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

const IMAGE = {
  kind: 'Image',
  metadata: { name: 'web:1', uid: '1111111111111111' },
} as unknown as ImageDocument;

/** Notes its words; `--iidfile` and the place of an archive are written to. */
const BUILDER = `#!/bin/sh
echo "$(basename "$0") $*" >> "$NOTES"
[ "$1 $2" != "buildx version" ] || exit "$BUILDX"
echo "progress of $(basename "$0")"
for word; do
  [ "$before" != --iidfile ] || echo sha256:abc > "$word"
  [ "$before" != --file ] || cat "$word" >> "$NOTES"
  case $word in oci-archive:*|type=oci,dest=*) printf archive > "\${word#*[:=]oci,dest=}" ; printf archive > "\${word#oci-archive:}" ;; esac
  before=$word
done
exit "\${FAIL:-0}"
`;

let folder: string;
let daemon: FakeDaemon;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-build-test-'));
  for (const name of ['bin', 'web', 'tmp']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'web/Dockerfile'), 'FROM scratch\n');
  daemon = await startFakeDaemon();
  daemon.images.push(IMAGE);
});
afterEach(async () => {
  await daemon[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function install(name: string): Promise<void> {
  await writeFile(join(folder, 'bin', name), BUILDER);
  await chmod(join(folder, 'bin', name), 0o755);
}

async function build(words: readonly string[], more: Parameters<typeof ignite>[1] = {}) {
  // only what the fake builders need: whatever builder the host has must not be found
  for (const tool of ['cat', 'basename'])
    await writeFile(join(folder, 'bin', tool), `#!/bin/sh\nPATH=/usr/bin:/bin exec ${tool} "$@"\n`, {
      mode: 0o755,
    });
  const env = {
    PATH: join(folder, 'bin') + delimiter,
    TMPDIR: join(folder, 'tmp'),
    NOTES: join(folder, 'notes'),
    BUILDX: '0',
    ...more.env,
  };
  const caught = await ignite(['build', ...words], { daemon, cwd: folder, ...more, env });
  const notes = await readFile(join(folder, 'notes'), 'utf8').catch(() => '');
  assert.deepEqual(await readdir(join(folder, 'tmp')), [], 'scratch files are gone');
  return {
    ...caught,
    notes: notes
      .replaceAll(folder, '')
      .replace(/ignite-build-\w+/g, 'X')
      .split('\n'),
  };
}

test('buildah comes first; its words, its progress, and the image under all its names', async () => {
  await install('buildah');
  await install('docker');
  const words = ['-t', 'web:1', '-t', 'web:latest', '--build-arg', 'A=1,2', '--target', 'prod', '--no-cache'];
  const { code, stdout, stderr, notes } = await build([...words, '--platform', 'linux', 'web']);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${IMAGE.metadata.uid}\n`);
  assert.match(stderr, /progress of buildah/);
  assert.equal(
    notes[0],
    'buildah build --iidfile /tmp/X/id --file /web/Dockerfile --tag web:1 --tag web:latest ' +
      '--build-arg A=1,2 --target prod --platform linux --no-cache /web',
  );
  assert.equal(
    notes[2],
    'buildah push --quiet --disable-compression sha256:abc oci-archive:/tmp/X/image.tar',
  );
  const [load, tag] = daemon.requests.slice(-2);
  assert.deepEqual([load?.query.get('reference'), String(load?.body)], ['web:1', 'archive']);
  assert.deepEqual(tag?.json, { source: 'web:1', target: 'web:latest' });
});

test('Docker is asked for what it built, with buildx and without', async () => {
  await install('docker');
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.end('from docker');
  });
  const socket = join(folder, 's');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    for (const [buildx, expected] of [
      ['0', 'docker buildx build --load --iidfile'],
      ['1', 'docker build --iidfile'],
    ] as const) {
      await rm(join(folder, 'notes'), { force: true });
      const env = { BUILDX: buildx, DOCKER_HOST: `unix://${socket}` };
      const { code, stderr, notes } = await build(['-t', 'web:1', 'web'], { env });
      assert.equal(code, 0, stderr);
      assert.ok(notes[1]?.startsWith(expected), notes.join('\n'));
      assert.equal(String(daemon.requests.at(-1)?.body), 'from docker');
    }
    assert.deepEqual(asked, ['/images/sha256%3Aabc/get', '/images/sha256%3Aabc/get']);
  } finally {
    server.close();
  }
});

test('buildctl, and a builder by name', async () => {
  await install('buildctl');
  const { code, stderr, notes } = await build(['-t', 'web:1', '--build-arg', 'A=1', '--pull', 'web']);
  assert.equal(code, 0, stderr);
  assert.equal(
    notes[0],
    'buildctl build --frontend dockerfile.v0 --local context=/web --local dockerfile=/web --opt filename=Dockerfile ' +
      '--opt build-arg:A=1 --opt image-resolve-mode=pull --output type=oci,dest=/tmp/X/image.tar',
  );
  await rm(join(folder, 'notes'));
  const address = 'https://git.example/web.git#main';
  const words = [
    '-t',
    'web:1',
    '-f',
    'sub/Other',
    '--build-arg',
    'SET',
    '--build-arg',
    'UNSET',
    '--target',
    'prod',
  ];
  const remote = await build([...words, '--no-cache', '-q', address], { env: { SET: 'from here' } });
  assert.equal(remote.code, 0, remote.stderr);
  assert.equal(
    remote.notes[0],
    `buildctl build --frontend dockerfile.v0 --opt context=${address} --opt filename=sub/Other ` +
      '--opt build-arg:SET=from here --opt target=prod --no-cache --progress quiet --output type=oci,dest=/tmp/X/image.tar',
  );
  const other = await build(['-t', 'web:1', '--builder', 'buildah', 'web']);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /--builder buildah: buildah is not installed: apt-get install buildah/);
});

test('no builder, a build that fails, and what is wrong with the words: each error names it', async () => {
  const none = await build(['-t', 'web:1', 'web']);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /one of buildah, docker and buildctl[^]*apt-get install buildah/);
  await install('buildah');
  const failed = await build(['-t', 'web:1', 'web'], { env: { FAIL: '3' } });
  assert.match(failed.stderr, /progress of buildah[^]*buildah ended with exit status 3/);
  for (const [words, message] of [
    [['web'], /Name the image with -t/],
    [['-t', 'Web', 'web'], /capitals|invalid/],
    [['-t', 'web', 'tmp'], /no Dockerfile in/],
    [['-t', 'web', 'web/Dockerfile'], /is no folder: the Dockerfile is named with -f/],
    [['-t', 'web', '-f', 'no', 'web'], /"?no"?/],
    [['-t', 'web', '--platform', 'linux/s390x', 'web'], /VMs of this host run/],
    [['-t', 'web', '-f', '-', '-'], /cannot both come from stdin/],
    [['-t', 'web', '-f', '-', 'https://git.example/web.git'], /-f names a file of what is there/],
  ] as const) {
    const { code, stderr } = await build(words);
    assert.equal(code, 1, words.join(' '));
    assert.match(stderr, message);
  }
  assert.ok(!daemon.requests.some(({ path }) => path.includes('load')));
});

test('stdin: a Dockerfile alone, a Dockerfile beside a folder, a tar, a packed tar', async () => {
  await install('buildah');
  const pieces: Buffer[] = [];
  const entries = [{ type: 'file', name: 'sub/Other', size: 7, content: [Buffer.from('FROM b\n')] }] as const;
  for await (const piece of writeTar(entries)) pieces.push(Buffer.from(piece));
  const tar = Buffer.concat(pieces);
  for (const [words, stdin, context, text] of [
    [['-'], 'FROM a\n', '/tmp/X/context', 'FROM a'],
    [['-f', '-', 'web'], 'FROM c\n', '/web', 'FROM c'],
    [['-f', 'sub/Other', '-'], tar, '/tmp/X/context', 'FROM b'],
    [['-f', 'sub/Other', '-'], gzipSync(tar), '/tmp/X/context', 'FROM b'],
  ] as const) {
    await rm(join(folder, 'notes'), { force: true });
    const { code, stderr, notes } = await build(['-t', 'web:1', ...words], { stdin });
    assert.equal(code, 0, stderr);
    assert.ok(notes[0]?.endsWith(` ${context}`), notes[0]);
    assert.equal(notes[1], text);
  }
});
