// Whether guests' questions can be answered by a socket of ours on the gateway.
import type { Commands } from '../../host/index.ts';
import { OWN_SOCKET } from './root-table.ts';

const PROBE = `table inet ignite_probe { chain c { type filter hook prerouting priority 0; udp dport 53 ${OWN_SOCKET} accept; }; }`;

/**
 * The kernel must tell whether a socket listens, so that questions go to the host's resolvers while ours does not.
 * Firewalls that drop what is for the host are told of our links elsewhere (foreign-accepts.ts).
 */
export async function canAnswerItself(commands: Commands): Promise<boolean> {
  const probe = await commands.run(['nft', '-c', '-f', '-'], { input: `${PROBE}\n`, okCodes: [0, 1] });
  return probe.code === 0;
}
