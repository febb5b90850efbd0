// Applies a recipe to the tree that the packages gave: a stream of tar entries in, the image's entries out.
import { byteString, normalizeName, readContent, type TarEntry, type TarInput } from '@ignite/archive';
import type { MachineRecipe } from './recipe.ts';

/** Files that are edited are configuration, hence small. */
const MAX_EDITED = 1 << 20;
const DIRECTORY = 0o755;

/**
 * @param epoch seconds since 1970: the time of everything the recipe adds, and the latest any entry has
 */
export async function* applyRecipe(
  entries: AsyncIterable<TarEntry>,
  recipe: MachineRecipe,
  epoch: number,
): AsyncGenerator<TarInput, void> {
  const own = new Set(
    [...recipe.files.map((file) => file.path), ...Object.keys(recipe.links)].map(byteString),
  );
  const edits = new Map(recipe.edits.map((edit) => [byteString(edit.path), edit.removeLines]));
  const directories = new Set<string>();
  for await (const entry of entries) {
    const name = normalizeName(entry.name);
    if (name === '' || own.has(name) || isDropped(recipe, name)) continue;
    const linkName = entry.type === 'hardlink' ? normalizeName(entry.linkName) : entry.linkName;
    if (entry.type === 'hardlink' && isDropped(recipe, linkName)) continue;
    if (entry.type === 'directory') directories.add(name);
    const mtime = { seconds: Math.min(entry.mtime.seconds, epoch), nanoseconds: 0 };
    const removeLines = edits.get(name);
    const changed = removeLines === undefined ? {} : await edit(entry, removeLines);
    yield { ...plain(entry), name, linkName, mtime, ...changed };
  }
  yield* added(recipe, directories, { seconds: epoch, nanoseconds: 0 });
}

/** Names of users depend on the host that reads them: numbers say it all. */
function plain(entry: TarEntry): TarInput {
  const { type, name, linkName, mode, uid, gid, size, mtime, deviceMajor, deviceMinor, xattrs, content } =
    entry;
  return { type, name, linkName, mode, uid, gid, size, mtime, deviceMajor, deviceMinor, xattrs, content };
}

async function edit(entry: TarEntry, removeLines: RegExp): Promise<Pick<TarInput, 'size' | 'content'>> {
  const text = (await readContent(entry, MAX_EDITED)).toString('latin1');
  const kept = text.split('\n').filter((line) => !removeLines.test(line));
  const content = Buffer.from(kept.join('\n'), 'latin1');
  return { size: content.length, content: [content] };
}

/** The recipe's own files and links, with the directories that they need. */
function* added(
  recipe: MachineRecipe,
  known: Set<string>,
  mtime: { readonly seconds: number; readonly nanoseconds: number },
): Generator<TarInput, void> {
  const files = recipe.files.map((file): TarInput => {
    const content = Buffer.from(file.text, 'utf8');
    return {
      type: 'file',
      name: byteString(file.path),
      mode: file.mode,
      size: content.length,
      content: [content],
    };
  });
  const links = Object.entries(recipe.links).map(
    ([path, target]): TarInput => ({
      type: 'symlink',
      name: byteString(path),
      linkName: byteString(target),
      mode: 0o777,
    }),
  );
  for (const input of [...files, ...links]) {
    for (const name of parents(input.name)) {
      if (known.has(name)) continue;
      known.add(name);
      yield { type: 'directory', name, mode: DIRECTORY, mtime };
    }
    yield { ...input, mtime };
  }
}

/** `a/b/c` → `a`, `a/b`. */
function parents(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function isDropped(recipe: MachineRecipe, name: string): boolean {
  return (
    recipe.drop.some((pattern) => pattern.test(name)) && !recipe.keep.some((pattern) => pattern.test(name))
  );
}
