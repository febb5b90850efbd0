import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Commands } from '../host/index.ts';
import { heldByOthers } from './others-ports.ts';
import type { PortMapping } from './port.ts';

const own = 'ignite_0_aaaa';
const MAPS = `table inet ignite_1_bbbb {
	map ports {
		type inet_proto . inet_service : ipv4_addr . inet_service
		elements = { tcp . 8080 comment "web" : 10.63.0.2 . 80,
			     udp . 53 comment "dns" : 10.63.0.3 . 53 }
	}
	map ports_at {
		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
		elements = { 127.0.0.1 . tcp . 9000 comment "db" : 10.63.0.4 . 5432 }
	}
}
`;

function hostWith(...tables: readonly string[]) {
  const asked: string[] = [];
  const commands: Commands = {
    run: async (argv) => {
      const words = argv.join(' ');
      if (words === 'nft list tables inet')
        return { code: 0, stdout: tables.map((name) => `table inet ${name}\n`).join(''), stderr: '' };
      asked.push(words);
      return { code: 0, stdout: MAPS, stderr: '' };
    },
  };
  const holder = async (...ports: readonly PortMapping[]) =>
    (await heldByOthers(commands, ports, own, new AbortController().signal))?.holder;
  return { asked, holder };
}

const port = (protocol: 'tcp' | 'udp', hostPort: number, bindAddress?: string): PortMapping => ({
  protocol,
  hostPort,
  vmPort: 80,
  ...(bindAddress === undefined ? {} : { bindAddress }),
});

test('a port that another engine publishes has a holder, by the rules of addresses', async () => {
  const { holder } = hostWith(own, 'firewalld', 'ignite_1_bbbb');
  const web = 'VM web of another engine (table ignite_1_bbbb)';
  assert.equal(await holder(port('udp', 8080), port('tcp', 8080, '127.0.0.1')), web);
  assert.match((await holder(port('tcp', 9000))) ?? '', /^VM db /);
  assert.equal(await holder(port('tcp', 9000, '127.0.0.2'), port('udp', 9000), port('tcp', 53)), undefined);
});

test('our own table and those of others are not asked', async () => {
  const { holder, asked } = hostWith(own, 'firewalld', 'ignite_probe');
  assert.equal(await holder(port('tcp', 8080)), undefined);
  assert.deepEqual(asked, []);
});
