// Reads what `apt-cache show` prints: paragraphs of `Field: value` (deb-control(5)).

export interface AptPackage {
  readonly name: string;
  readonly version: string;
  /** Bytes to download. */
  readonly size: number;
  /** Names of the packages in Depends and Pre-Depends; of alternatives the first. */
  readonly depends: readonly string[];
}

/** The first paragraph, which is the candidate; undefined where there is none. */
export function parseAptShow(text: string): AptPackage | undefined {
  const fields = new Map<string, string>();
  for (const line of (text.split(/\n\s*\n/)[0] ?? '').split('\n')) {
    const match = /^([\w-]+):\s*(.*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) fields.set(match[1].toLowerCase(), match[2]);
  }
  const name = fields.get('package');
  const version = fields.get('version');
  if (name === undefined || version === undefined) return undefined;
  const depends = [fields.get('pre-depends'), fields.get('depends')].flatMap(
    (list) => list?.split(',') ?? [],
  );
  return {
    name,
    version,
    size: Number(fields.get('size') ?? 0),
    depends: depends.map((one) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(one)?.[1] ?? '').filter(Boolean),
  };
}

/** A package that holds a kernel: `linux-image-6.1.0-56-cloud-amd64`, `linux-image-unsigned-6.8.0-31-generic`. */
export function isKernelPackage(name: string): boolean {
  return /^linux-image-(unsigned-)?\d/.test(name);
}

/** Ubuntu keeps the modules in a package of their own. */
export function isModulesPackage(name: string): boolean {
  return /^linux-modules-\d/.test(name);
}

/** Names that apt accepts; anything else could be read as an option or a version. */
export function isPackageName(name: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]+$/.test(name);
}

/** The package by which a distribution gives a kernel for VMs. */
export function defaultKernelPackage(osRelease: string, architecture: string): string | undefined {
  const values = new Map(
    osRelease.split('\n').flatMap((line) => {
      const match = /^(\w+)="?([^"]*)"?$/.exec(line);
      return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]] as const];
    }),
  );
  const family = [values.get('ID'), ...(values.get('ID_LIKE')?.split(' ') ?? [])];
  // derivatives of Ubuntu name both; Ubuntu's own kernel is then what their archive has
  if (family.includes('ubuntu')) return 'linux-image-virtual';
  if (family.includes('debian')) return `linux-image-cloud-${architecture}`;
  return undefined;
}
