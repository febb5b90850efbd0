// Elements and chains of one of our tables that stand for an address, read from `nft -j list table` (libnftables-json(5)).
// Those whose address no VM has belong to nothing. Pure.
import { SOURCES } from './bridge-table.ts';
import { NEIGHBOURS } from './neighbour-table.ts';
import { CLOSED, ownChain, POLICIES } from './policy.ts';
import { PORTS, PORTS_AT, VMS } from './root-table.ts';

/** What a table holds for one address. */
interface AddressContent {
  readonly address: string;
  /** Lines for `nft -f` that take it out. */
  readonly script: string;
}

/** Where an element has the address of its VM. */
const PLACES: Readonly<Record<string, 'key' | 'last-of-key' | 'value'>> = {
  [VMS]: 'key',
  [CLOSED]: 'key',
  [POLICIES]: 'key',
  [NEIGHBOURS]: 'key',
  [SOURCES]: 'last-of-key',
  [PORTS]: 'value',
  [PORTS_AT]: 'value',
};
const OWN_CHAIN = /^vm_(\d+)_(\d+)_(\d+)_(\d+)$/;

/** Everything in a table that is there for addresses other than those that VMs have. */
export function strayContent(json: string, owned: (address: string) => boolean): readonly AddressContent[] {
  const lines = new Map<string, { readonly elements: string[]; readonly chains: string[] }>();
  const of = (address: string) => {
    const known = lines.get(address) ?? { elements: [], chains: [] };
    lines.set(address, known);
    return known;
  };
  for (const row of rowsOf(json)) {
    for (const { address, key, table } of elementsIn(row['set'] ?? row['map']))
      if (!owned(address)) of(address).elements.push(`delete element ${table} { ${key} }`);
    const chain = chainIn(row['chain']);
    if (chain !== undefined && !owned(chain.address)) of(chain.address).chains.push(...chain.lines);
  }
  // A chain can go only after the verdict that leads to it.
  return [...lines].map(([address, { elements, chains }]) => ({
    address,
    script: [...elements, ...chains, ''].join('\n'),
  }));
}

function rowsOf(json: string): readonly Fields[] {
  const value: unknown = json.trim() === '' ? {} : JSON.parse(json);
  const rows = isFields(value) ? value['nftables'] : undefined;
  return Array.isArray(rows) ? rows.filter(isFields) : [];
}

function elementsIn(set: unknown) {
  if (!isFields(set) || !Array.isArray(set['elem'])) return [];
  const name = textOf(set['name']);
  const place = PLACES[name];
  if (place === undefined) return [];
  const table = `${textOf(set['family'])} ${textOf(set['table'])} ${name}`;
  return set['elem'].flatMap((element: unknown) => {
    const [left, right] = Array.isArray(element) ? element : [element, undefined];
    const key = partsOf(left);
    const address = place === 'value' ? partsOf(right)[0] : key.at(-1);
    return address === undefined ? [] : [{ address, key: key.join(' . '), table }];
  });
}

/** `"10.0.0.2"`, `{"elem":{"val":…,"comment":…}}`, `{"concat":[…]}`: its parts as nft takes them. */
function partsOf(value: unknown): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number') return [quoted(String(value))];
  if (!isFields(value)) return [];
  if (isFields(value['elem'])) return partsOf(value['elem']['val']);
  return Array.isArray(value['concat']) ? value['concat'].flatMap(partsOf) : [];
}

/** Names of interfaces are quoted, as a tap's could be read as a word of nft. */
function quoted(word: string): string {
  return /^ign\d+t/.test(word) ? `"${word}"` : word;
}

function chainIn(chain: unknown) {
  if (!isFields(chain)) return undefined;
  const name = textOf(chain['name']);
  const match = OWN_CHAIN.exec(name);
  if (match === null) return undefined;
  const address = match.slice(1).join('.');
  if (ownChain({ address }) !== name) return undefined;
  const where = `chain ${textOf(chain['family'])} ${textOf(chain['table'])} ${name}`;
  return { address, lines: [`flush ${where}`, `delete ${where}`] };
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
