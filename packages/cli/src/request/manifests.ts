// Manifests of the caller: files, folders, stdin (`-f`), as the objects of an apply. What only the caller may read, his
// public keys and the files for the guest, is read here.
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RequestBody, VmManifest } from '@ignite/api';
import { IgniteError } from '@ignite/api/errors';
import { matchesSelector, parseSelector } from '@ignite/api/selectors';
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';
import { readText, unreadable } from './files.ts';
import { bytesOf, type Sending, sendSeedFiles } from './seed-files.ts';
import { stdinOf } from './stdin.ts';
import { readPublicKey } from './ssh-key.ts';

export type Declared = RequestBody<'apply'>['objects'][number];

/** A text with objects, and where it came from. */
export interface ManifestText {
  readonly file: string;
  readonly text: string;
}

const MANIFEST = /\.(ya?ml|json)$/i;
/** A folder of a person, not a disk. */
const MAX_FILES = 10_000;
const MAX_FILE_BYTES = 16 << 20;
/** Bytes of files, as text, in one request of an apply; what is over is sent before it. */
const FILES_ROOM = 32 << 20;

/** Every text that `-f` names, in the order of names. @throws IgniteError `cli/usage`, `cli/file-unreadable`, `cli/bad-file` */
export async function manifestTexts(context: CommandContext): Promise<readonly ManifestText[]> {
  const { flags, host } = context;
  const words = flags.list('filename');
  if (words.length === 0) throw usage('Name the manifests with -f FILE, -f DIR or -f -');
  const texts: ManifestText[] = [];
  for (const word of words) {
    if (word === '-') texts.push({ file: 'stdin', text: await readStdin(stdinOf(context)) });
    else for (const file of await filesOf(resolve(host.cwd, word))) texts.push(await readOne(file, host.cwd));
  }
  if (texts.length === 0) throw usage(`${words.join(', ')} has no manifest (.yaml, .yml, .json)`);
  return texts;
}

/** The objects of the texts; every fault of every file is reported before anything is done. */
export async function parseTexts(texts: readonly ManifestText[]): Promise<readonly VmManifest[]> {
  const { parseManifest } = await import('@ignite/api/manifest');
  const failures: IgniteError[] = [];
  const found = texts.flatMap(({ file, text }) => {
    try {
      return parseManifest(text, file);
    } catch (error) {
      if (!(error instanceof IgniteError)) throw error;
      failures.push(error);
      return [];
    }
  });
  const [first, ...more] = failures;
  if (first !== undefined)
    throw more.length === 0
      ? first
      : new IgniteError('api/invalid-manifest', failures.map(({ message }) => message).join('\n'));
  return found.filter((object) => object.kind === 'VM');
}

/** The VMs that `-f` and `-l` name, ready to be sent. @param dryRun nothing is made of them: large files are not sent */
export async function declaredVms(context: CommandContext, dryRun: boolean): Promise<readonly Declared[]> {
  const manifests = await parseTexts(await manifestTexts(context));
  const selected = bySelector(context, manifests);
  const declared: Declared[] = [];
  let room = FILES_ROOM;
  for (const manifest of selected) {
    const object = await declaredVm(manifest, context, { room, dryRun });
    room -= bytesOf(object);
    declared.push(object);
  }
  return declared;
}

/** Those with the labels of `-l`. */
export function bySelector<
  T extends { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } },
>({ flags }: CommandContext, objects: readonly T[]): readonly T[] {
  const text = flags.string('selector');
  if (text === undefined) return objects;
  const selector = parseSelector(text);
  return objects.filter(({ metadata }) => matchesSelector(selector, metadata.labels));
}

async function declaredVm(
  manifest: VmManifest,
  context: CommandContext,
  sending: Sending,
): Promise<Declared> {
  const { cwd } = context.host;
  const { metadata, spec, origin, legacy, idPrefix } = manifest;
  const words = (spec.copyFiles ?? []).map(({ hostPath, vmPath }) => `${hostPath}:${vmPath}`);
  const sent = await sendSeedFiles(context, words, sending);
  const ssh = typeof spec.ssh === 'string' ? await keyOf(spec.ssh, cwd) : spec.ssh;
  const { specDocument } = await import('@ignite/api/manifest');
  return {
    metadata,
    spec: specDocument({ ...spec, ...(ssh === undefined ? {} : { ssh }) }),
    origin,
    ...(legacy ? { legacy } : {}),
    ...(idPrefix === undefined ? {} : { idPrefix }),
    ...sent,
  };
}

/** A key's own line stays; a path is read. */
function keyOf(word: string, cwd: string): Promise<string> | string {
  return /^(ssh-|ecdsa-|sk-)\S*\s/.test(word) ? word : readPublicKey(word, cwd);
}

async function filesOf(path: string): Promise<readonly string[]> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!facts.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  const files = names.filter((name) => MANIFEST.test(name) && !/(^|\/)\./.test(name)).sort();
  if (files.length > MAX_FILES)
    throw new IgniteError('cli/bad-file', `${path} has more than ${MAX_FILES} manifests`);
  return files.map((name) => join(path, name));
}

async function readOne(file: string, cwd: string): Promise<ManifestText> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  if (size > MAX_FILE_BYTES)
    throw new IgniteError(
      'api/manifest-too-large',
      `The manifest ${file} is larger than ${MAX_FILE_BYTES} bytes`,
    );
  return { file, text: await readText(file, cwd) };
}

async function readStdin(stdin: AsyncIterable<Uint8Array | string>): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stdin) {
    pieces.push(Buffer.from(piece));
    bytes += piece.length;
    if (bytes > MAX_FILE_BYTES)
      throw new IgniteError('api/manifest-too-large', `stdin has more than ${MAX_FILE_BYTES} bytes`);
  }
  return Buffer.concat(pieces).toString('utf8');
}
