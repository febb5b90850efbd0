// From the files of a tree to the VMs they declare. A file that did not change is not read again, unless what it names on
// this host did; a broken one is reported with its position and hides no other.
import { type DeclaredVm, IgniteError, type SourceProblem } from '@ignite/api';
import type { HostFiles } from './host-files.ts';
import { type ManifestReader, openManifestReader } from './manifest-reader.ts';
import type { Listing, Tree, TreeFile } from './port.ts';
import { problemsOf, type ReadManifest } from './read-manifest.ts';
import { takeTurns } from './take-turns.ts';

/** What was found in one file. */
interface Parsed extends ReadManifest {
  readonly key: string;
  /** What it names on this host, as it was found; absent where it names nothing. */
  readonly named?: { readonly by: readonly DeclaredVm[]; readonly stamps: string };
}

/** What only this host can add to an object. */
export type Finisher = Pick<HostFiles, 'finish' | 'stamp'>;

/** Manifests of people are small; a disk image that ends in .json is not read. */
const MAX_FILE_BYTES = 16 << 20;
const MAX_FILES = 10_000;
/** Of all manifests together: what they declare is kept, and takes many times their text. */
const MAX_TREE_BYTES = 4 * MAX_FILE_BYTES;
const PORTION_BYTES = 2 * MAX_FILE_BYTES;
const MANIFEST = /\.(ya?ml|json)$/i;
/** Hidden files and folders, and what editors leave next to a file. */
const IGNORED = /(^|\/)(\.|#)|~$/;

export interface TreeParser {
  /** @throws what reading throws; a file's faults are problems of the tree */
  parse(listing: Listing, signal: AbortSignal): Promise<Tree>;
  /** Whether a tree that did not change may still declare something else, as its files name others of this host. */
  namesHost(): boolean;
}

/** Whether a path is that of a manifest. */
export function isManifest(path: string): boolean {
  return MANIFEST.test(path) && !IGNORED.test(path);
}

/** A parser that remembers what it has parsed of one source. */
export function createTreeParser(finisher: Finisher): TreeParser {
  let known: ReadonlyMap<string, Parsed> = new Map();
  return {
    parse: async (listing, signal) => {
      const wanted = listing.files.filter(({ path }) => isManifest(path));
      const kept = wanted.slice(0, mostOf(wanted));
      const next = new Map<string, Parsed>();
      const fresh: TreeFile[] = [];
      for (const file of kept) {
        const before = known.get(file.path);
        if (before?.key === file.key && (await asBefore(before, finisher, signal)))
          next.set(file.path, before);
        else if (file.bytes > MAX_FILE_BYTES) next.set(file.path, tooLarge(file));
        else fresh.push(file);
      }
      await using reader = openManifestReader();
      const turn = takeTurns();
      for (const part of portions(fresh)) {
        const texts = await listing.read(part, signal);
        for (const file of part) {
          await turn();
          signal.throwIfAborted();
          next.set(file.path, await parseFile(file, texts.get(file.path), { finisher, reader }, signal));
        }
      }
      known = next;
      const all = kept.flatMap(({ path }) => next.get(path) ?? []);
      return {
        revision: listing.revision,
        objects: all.flatMap(({ objects }) => objects),
        problems: [
          ...listing.problems,
          ...tooMany(wanted, kept.length),
          ...all.flatMap(({ problems }) => problems),
        ],
        notes: listing.notes,
      };
    },
    namesHost: () => [...known.values()].some(({ named }) => named !== undefined),
  };
}

/** Files that are read together: all of a tree's texts at once would be gigabytes. */
function portions(files: readonly TreeFile[]): readonly (readonly TreeFile[])[] {
  const portions: TreeFile[][] = [[]];
  let room = PORTION_BYTES;
  for (const file of files) {
    if (file.bytes > room) {
      portions.push([]);
      room = PORTION_BYTES;
    }
    portions.at(-1)?.push(file);
    room -= file.bytes;
  }
  return portions;
}

async function asBefore({ named }: Parsed, { stamp }: Finisher, signal: AbortSignal): Promise<boolean> {
  return named === undefined || named.stamps === (await stampsOf(named.by, stamp, signal));
}

async function stampsOf(
  objects: readonly DeclaredVm[],
  stamp: Finisher['stamp'],
  signal: AbortSignal,
): Promise<string> {
  const stamps: (string | undefined)[] = [];
  for (const object of objects) stamps.push(await stamp(object, signal));
  return stamps.join(' ').trim();
}

/** How many of the files are read. */
function mostOf(wanted: readonly TreeFile[]): number {
  let bytes = 0;
  const over = wanted.findIndex((file) => {
    bytes += file.bytes > MAX_FILE_BYTES ? 0 : file.bytes;
    return bytes > MAX_TREE_BYTES;
  });
  return Math.min(over === -1 ? wanted.length : over, MAX_FILES);
}

function tooMany(wanted: readonly TreeFile[], most: number): readonly SourceProblem[] {
  const [first] = wanted.slice(most);
  if (first === undefined) return [];
  const bound = most === MAX_FILES ? `${MAX_FILES} manifests` : `${MAX_TREE_BYTES >> 20} MiB of manifests`;
  return [
    { file: first.path, message: `and ${wanted.length - most - 1} more are not read: at most ${bound}` },
  ];
}

function tooLarge({ path, key }: TreeFile): Parsed {
  return {
    key,
    objects: [],
    problems: [{ file: path, message: `is larger than ${MAX_FILE_BYTES >> 20} MiB and is not read` }],
  };
}

async function parseFile(
  { path, key }: TreeFile,
  text: string | undefined,
  { finisher, reader }: { readonly finisher: Finisher; readonly reader: ManifestReader },
  signal: AbortSignal,
): Promise<Parsed> {
  if (text === undefined)
    return { key, objects: [], problems: [{ file: path, message: 'could not be read' }] };
  const { objects: by, problems } = await reader.read(text, path, signal);
  const stamps = await stampsOf(by, finisher.stamp, signal); // before they are read: what changes meanwhile is seen next time
  const named = stamps === '' ? {} : { named: { by, stamps } };
  try {
    const objects: DeclaredVm[] = [];
    for (const object of by) objects.push(await finisher.finish(object, signal));
    return { key, objects, problems, ...named };
  } catch (error) {
    signal.throwIfAborted(); // who gave the look up says nothing of the file
    if (!(error instanceof IgniteError)) throw error;
    return { key, objects: [], problems: problemsOf(path, error), ...named };
  }
}
