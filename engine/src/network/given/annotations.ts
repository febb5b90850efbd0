// `ignite.weave.works/interface/NAME: tc-redirect | dhcp-bridge`: interfaces that the guest expects in its namespace (the
// original's, API-A01 to API-A04). Pure.

/** How the guest gets the interface's address: from its configuration, or by DHCP as well. */
type InterfaceWay = 'tc-redirect' | 'dhcp-bridge';

/** Interfaces by name. */
export type WishedInterfaces = ReadonlyMap<string, InterfaceWay>;

const PREFIX = 'ignite.weave.works/interface/';

/** The interfaces that annotations name; an unknown way and an empty name mean nothing, as in the original. */
export function wishedInterfaces(annotations: Readonly<Record<string, string>> = {}): WishedInterfaces {
  const named = Object.entries(annotations).filter(([key]) => key.startsWith(PREFIX));
  return new Map(
    named.flatMap(([key, way]) => {
      const name = key.slice(PREFIX.length);
      return isWay(way) && isName(name) ? [[name, way] as const] : [];
    }),
  );
}

function isWay(word: string): word is InterfaceWay {
  return word === 'tc-redirect' || word === 'dhcp-bridge';
}

/** What Linux takes for the name of an interface (dev_valid_name). */
function isName(word: string): boolean {
  return /^[^\s/:]{1,15}$/.test(word) && word !== '.' && word !== '..';
}
