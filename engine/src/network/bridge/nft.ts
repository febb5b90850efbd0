// A small notation for nftables tables: sets, maps and chains as data, printed as one script that nft(8) applies as
// one transaction. Applying a skeleton twice changes nothing; elements of other sets stay.

export interface NftChain {
  readonly name: string;
  /** `type filter hook input priority filter; policy accept;` for a base chain. */
  readonly hook?: string;
  /** Earlier versions had its hook elsewhere. nf_tables cannot move a hook, so each script deletes the chain and makes it again. */
  readonly moved?: true;
  readonly rules: readonly string[];
}

export interface NftSet {
  readonly kind: 'set' | 'map';
  readonly name: string;
  /** `type ipv4_addr; flags interval;` */
  readonly spec: string;
  /** Given: the set holds exactly these afterwards. Absent: what it holds stays. */
  readonly elements?: readonly string[];
}

export interface NftTable {
  readonly family: 'inet' | 'bridge';
  readonly name: string;
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
}

/**
 * The mark of a table that holds the elements of all VMs that run. One that was made anew without them, because somebody
 * had removed it, has none: they are still to come.
 */
export const WHOLE = 'whole';

/** The set that holds the mark. @param isWhole nothing is missing after this script; else the mark stays as it is */
export function wholeMark(isWhole: boolean): NftSet {
  return { kind: 'set', name: WHOLE, spec: 'type mark;', ...(isWhole ? { elements: ['1'] } : {}) };
}

/** The script that makes the table or brings an existing one to this shape. */
export function nftScript(table: NftTable): string {
  const of = (what: string) => `${what} ${table.family} ${table.name}`;
  return [
    of('add table'),
    // Before the sets: a verdict in a map names a chain that is there.
    ...table.chains.flatMap(({ name, hook, moved }) => [
      // Added without its hook first: one that is not there cannot be deleted.
      ...(moved === true ? ['add', 'flush', 'delete'].map((verb) => `${of(`${verb} chain`)} ${name}`) : []),
      `${of('add chain')} ${name}${hook === undefined ? '' : ` { ${hook} }`}`,
    ]),
    ...table.sets.flatMap((set) => [
      `${of(`add ${set.kind}`)} ${set.name} { ${set.spec} }`,
      ...(set.elements === undefined ? [] : [`${of(`flush ${set.kind}`)} ${set.name}`]),
      ...addElements(table, set.name, set.elements ?? []),
    ]),
    ...table.chains.map((chain) => `${of('flush chain')} ${chain.name}`),
    ...table.chains.flatMap((chain) => chain.rules.map((rule) => `${of('add rule')} ${chain.name} ${rule}`)),
    '',
  ].join('\n');
}

/** Lines that make a chain, or give an existing one these rules. */
export function chainLines(
  table: Pick<NftTable, 'family' | 'name'>,
  { name, rules }: NftChain,
): readonly string[] {
  const of = (what: string) => `${what} ${table.family} ${table.name} ${name}`;
  return [of('add chain'), of('flush chain'), ...rules.map((rule) => `${of('add rule')} ${rule}`)];
}

/** The script that replaces the table by this one, whatever was in it. */
export function nftReplaceScript(table: NftTable): string {
  return `${nftDeleteScript(table)}${nftScript(table)}`;
}

/** The script that removes the table; no error where there is none. */
export function nftDeleteScript(table: Pick<NftTable, 'family' | 'name'>): string {
  return `add table ${table.family} ${table.name}\ndelete table ${table.family} ${table.name}\n`;
}

/** Lines that add elements; none for no elements, which nft would refuse. */
export function addElements(
  table: Pick<NftTable, 'family' | 'name'>,
  set: string,
  elements: readonly string[],
): readonly string[] {
  if (elements.length === 0) return [];
  return [`add element ${table.family} ${table.name} ${set} { ${elements.join(', ')} }`];
}

/** Lines that delete elements; nft refuses the whole script where one is missing. */
export function deleteElements(
  table: Pick<NftTable, 'family' | 'name'>,
  set: string,
  elements: readonly string[],
): readonly string[] {
  if (elements.length === 0) return [];
  return [`delete element ${table.family} ${table.name} ${set} { ${elements.join(', ')} }`];
}
