// Whether guests' questions can be answered by a socket of ours on the gateway.
import type { Commands } from '../../host/index.ts';
import { OWN_SOCKET } from './root-table.ts';

const PROBE = `table inet ignite_probe { chain c { type filter hook prerouting priority 0; udp dport 53 ${OWN_SOCKET} accept; }; }`;

/**
 * nftables must be able to match whether a socket listens, so that queries go to the host's resolvers while ours does not.
 * Firewalls that drop packets to the host are given accepts for our links elsewhere (foreign-accepts.ts).
 */
export async function canAnswerItself(commands: Commands): Promise<boolean> {
  const probe = await commands.run(['nft', '-c', '-f', '-'], { input: `${PROBE}\n`, okCodes: [0, 1] });
  return probe.code === 0;
}
