// IPv4 addresses and prefixes as numbers: parsing, printing, containment. Pure.

/** An address range: its first address and the length of its prefix. */
export interface Prefix {
  readonly base: number;
  readonly length: number;
}

/** Dotted quad → unsigned 32-bit number; undefined for anything else (no short forms, no leading zeros). */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

/** Unsigned 32-bit number → dotted quad. */
export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** `10.62.0.0/16` or a bare address (as /32) → prefix with host bits cleared; undefined for anything else. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const value = parseAddress(address);
  if (value === undefined || rest.length > 0) return undefined;
  if (length !== undefined && !/^\d{1,2}$/.test(length)) return undefined;
  const bits = length === undefined ? 32 : Number(length);
  if (bits > 32) return undefined;
  return { base: firstAddress(value, bits), length: bits };
}

/** Prefix → `10.62.0.0/16`. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.base)}/${prefix.length}`;
}

/** How many addresses a prefix holds. */
export function sizeOf(prefix: Prefix): number {
  return 2 ** (32 - prefix.length);
}

/** Whether the address lies in the prefix. */
export function contains(prefix: Prefix, address: number): boolean {
  return address >= prefix.base && address < prefix.base + sizeOf(prefix);
}

/** Whether two prefixes share an address. */
export function overlap(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? contains(a, b.base) : contains(b, a.base);
}

function firstAddress(value: number, length: number): number {
  return value - (value % 2 ** (32 - length));
}
