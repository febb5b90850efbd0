// What a machine image is made of, as data: the packages, and what is changed in the tree that they give.

interface RecipeFile {
  /** Without leading slash. */
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** A change of a file that a package brings. */
interface RecipeEdit {
  readonly path: string;
  /** Lines that match are taken out. */
  readonly removeLines: RegExp;
}

export interface MachineRecipe {
  readonly packages: readonly string[];
  /** Paths that are left out, with all below them; directories stay where the expression needs a name below. */
  readonly drop: readonly RegExp[];
  /** Paths that stay although `drop` matches. */
  readonly keep: readonly RegExp[];
  readonly edits: readonly RecipeEdit[];
  readonly files: readonly RecipeFile[];
  /** Path → target. */
  readonly links: Readonly<Record<string, string>>;
}
