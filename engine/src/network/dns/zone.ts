// Which questions are ours, and what we say: names of VMs, for VMs of the same network. Pure.
import { type Answer, type Query, RCODE, TYPE, writeAnswer } from './message.ts';

/** A NIC of a VM that runs. */
export interface ZoneEntry {
  readonly vmName: string;
  /** What people call the network. */
  readonly network: string;
  readonly address: string;
}

/** A network that we answer on. */
export interface Zone {
  readonly network: string;
  readonly contains: (address: string) => boolean;
}

/** Seconds: a VM's address stays, but a VM may go. */
const TTL = 5;
const REVERSE = '.in-addr.arpa';

/**
 * The answer to a query that came in on a network; undefined where it is not ours and has to be passed on.
 * @param entries NICs of all VMs that run
 */
export function answerFrom(
  query: Query,
  { network, contains }: Zone,
  entries: readonly ZoneEntry[],
): Buffer | undefined {
  const here = entries.filter((entry) => entry.network === network);
  const reversed = addressOf(query.name);
  if (reversed !== undefined) {
    if (!contains(reversed)) return undefined;
    const entry = here.find(({ address }) => address === reversed);
    if (entry === undefined) return writeAnswer(query, [], { rcode: RCODE.NO_SUCH_NAME });
    return reply(query, TYPE.PTR, [{ type: 'PTR', name: `${entry.vmName}.${network}` }]);
  }
  const ending = `.${network}`;
  const qualified = query.name.endsWith(ending);
  const name = qualified ? query.name.slice(0, -ending.length) : query.name;
  const found = here.filter(({ vmName }) => vmName === name);
  if (found.length > 0)
    return reply(
      query,
      TYPE.A,
      found.map(({ address }) => ({ type: 'A', address })),
    );
  return qualified ? writeAnswer(query, [], { rcode: RCODE.NO_SUCH_NAME }) : undefined;
}

/** The records where the question is for them; else the name is there and has none of that type. */
function reply(query: Query, type: number, answers: readonly Answer[]): Buffer {
  return writeAnswer(query, query.type === type || query.type === TYPE.ANY ? answers : [], { ttl: TTL });
}

/** `2.0.62.10.in-addr.arpa` → `10.62.0.2`. */
function addressOf(name: string): string | undefined {
  if (!name.endsWith(REVERSE)) return undefined;
  const parts = name.slice(0, -REVERSE.length).split('.');
  return parts.length === 4 ? parts.toReversed().join('.') : undefined;
}
