// IP addresses as words: tests and one canonical spelling, without loading node:net.

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** Whether a text is an IPv4 address in dotted form. */
export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** Whether a word is an IPv4 address or a range of them: `10.1.0.0/16`. */
export function isIpv4Range(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  if (!isIpv4(address) || rest.length > 0) return false;
  return length === undefined || (/^(0|[1-9][0-9]?)$/.test(length) && Number(length) <= 32);
}

/** Whether a text is an IPv6 address, without a zone. */
export function isIpv6(text: string): boolean {
  return /^[0-9a-fA-F:.]{2,45}$/.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`);
}

/** The one spelling of an address: IPv6 as RFC 5952 writes it; undefined if it is none. */
export function canonicalAddress(text: string): string | undefined {
  if (isIpv4(text)) return text;
  if (!isIpv6(text)) return undefined;
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}
