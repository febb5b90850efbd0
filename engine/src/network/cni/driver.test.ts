import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Commands } from '../../host/index.ts';
import type { CniNic } from '../port.ts';
import { attaching } from '../testing.ts';
import { createCniNetwork } from './driver.ts';

const eth0 = { name: 'eth0', mac: '02:00:00:00:00:01', mtu: 1500, address: '10.61.0.2', dns: [] };
const nic: CniNic = {
  mode: 'cni',
  network: 'cni',
  ports: [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' }],
  given: [eth0],
};

function networkOn(commands: Commands) {
  return createCniNetwork({
    commands,
    instance: 'abcdefgh',
    ordinal: 0,
    folder: { path: '/nowhere', write: async () => {} },
    plugins: [],
    store: () => ({ load: async () => undefined, save: async () => {}, remove: async () => {} }),
    readText: async () => undefined,
  });
}

test('a look that is under way while a VM is detached leaves no accept of its ports', async () => {
  const rules: string[] = [];
  const first = Promise.withResolvers<void>();
  const looking = Promise.withResolvers<void>();
  let saves = 0;
  const commands: Commands = {
    run: async ([program], { input = '' } = {}) => {
      if (program === 'iptables-nft-restore')
        for (const line of String(input).split('\n')) {
          if (line.startsWith('-I')) rules.push(line.replace('-I FORWARD 1', '-A FORWARD'));
          if (line.startsWith('-D')) rules.splice(rules.indexOf(line.replace('-D', '-A')), 1);
        }
      if (program !== 'iptables-nft-save') return { code: 1, stdout: '', stderr: '' };
      const stdout = ['*filter', ':FORWARD DROP [0:0]', ...rules, 'COMMIT'].join('\n');
      saves += 1;
      if (saves === 1) {
        looking.resolve();
        await first.promise; // the look has read the table, and goes on later
      }
      return { code: 0, stdout, stderr: '' };
    },
  };
  const network = networkOn(commands);

  const looked = network.look?.([{ nic, slot: 3, vmUid: 'u3' }]);
  await looking.promise;
  const detached = network.detach(nic, attaching(3).context);
  for (let turns = 0; turns < 50; turns += 1) await turn(); // it goes as far as it can
  first.resolve();
  await Promise.all([looked, detached]);

  assert.deepEqual(rules, []);
});

test('a VM whose start was cut short before its record, and whose configuration is gone, can be removed', async () => {
  const network = networkOn({ run: async () => ({ code: 0, stdout: '', stderr: '' }) });
  const { context, gone } = attaching(3, { kind: 'cni', name: 'ignite-u3/eth0', made: false, boot: 'b' });
  await network.detach({ ...nic, network: 'cni:old', configuration: 'old', ports: [] }, context);
  assert.deepEqual(
    gone.map(({ kind }) => kind),
    ['cni'],
  );
});
