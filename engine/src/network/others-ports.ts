// Ports that other engines of this host publish: rules lead to them, so no socket shows them, and where two engines
// publish one the first to have made its table gets all connections.
import type { Commands } from '../host/index.ts';
import { allDone } from '../work/index.ts';
import { parsePortEntries } from './bridge/elements.ts';
import type { PortMapping } from './port.ts';
import { portsCollide } from './ports.ts';
import { PORTS, PORTS_AT } from './bridge/root-table.ts';

const TABLE = /^table inet (ignite_\d+_[a-z0-9]+)$/gm;
const MOST_BYTES = 16 << 20;

/** The first of the ports that another engine has, with its holder. @param own name of this engine's table */
export async function heldByOthers(
  commands: Commands,
  ports: readonly PortMapping[],
  own: string,
  signal: AbortSignal,
): Promise<{ readonly port: PortMapping; readonly holder: string } | undefined> {
  const options = { signal, okCodes: [0, 1], maxOutputBytes: MOST_BYTES };
  const { stdout } = await commands.run(['nft', 'list', 'tables', 'inet'], options);
  for (const [, table = ''] of stdout.matchAll(TABLE)) {
    if (table === own) continue;
    // One by one: nft 1.0.6 finds only the last of several maps.
    const maps = [PORTS, PORTS_AT].map((map) =>
      commands.run(['nft', `list map inet ${table} ${map}`], options),
    );
    const listed = (await allDone(maps)).map((map) => map.stdout).join('\n');
    const held = heldIn(listed, ports);
    if (held !== undefined)
      return { port: held.port, holder: `VM ${held.owner} of another engine (table ${table})` };
  }
  return undefined;
}

/** The first of the ports that an entry of listed port maps has. */
function heldIn(text: string, ports: readonly PortMapping[]) {
  for (const { key, target, owner = target } of parsePortEntries(text)) {
    const words = key.split(' . ');
    const [protocol = '', hostPort = ''] = words.slice(-2);
    const address = words.length === 3 ? { bindAddress: words[0] ?? '' } : {};
    const port = ports.find(
      (one) =>
        one.protocol === protocol &&
        portsCollide(one, { protocol: one.protocol, hostPort: Number(hostPort), ...address }),
    );
    if (port !== undefined) return { port, owner };
  }
  return undefined;
}
