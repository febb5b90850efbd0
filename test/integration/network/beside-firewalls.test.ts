// Beside ufw and firewalld, the programs themselves, active in the namespace that stands for the host: a guest reaches
// the internet and its resolver, its published port is reached, and a reload of theirs is mended at the next look.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BridgeNetwork, BridgeNic } from '../../../engine/src/network/index.ts';
import type { Commands } from '../../../engine/src/host/index.ts';
import { startProgram } from '../../containers/start-program.ts';
import { ask, askUdp, contextFor, FAR, HOST, INTERNET, isSilent, type Lab, makeLab } from './lab.ts';

const signal = AbortSignal.timeout(600_000);
const PORTS = [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' }] as const;

/** The resolver of the test answers in its place. */
const ELSEWHERE = { keep: async () => {}, setEntries: () => {} };

/** A firewall that is active on the lab's host. */
interface Firewall extends AsyncDisposable {
  /** How the engine runs programs beside it. */
  readonly commands: Commands;
  /** Has it make all of its rules anew. */
  reload(): Promise<void>;
}

async function startUfw(lab: Lab): Promise<Firewall> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-ufw-'));
  await cp('/etc/ufw', folder, { recursive: true });
  // ufw has its files in /etc; in a mount namespace of its own these are copies.
  const ufw = (...words: readonly string[]) =>
    lab.commands.run(
      ['unshare', '--mount', 'sh', '-ec', `mount --bind ${folder} /etc/ufw; ufw ${words.join(' ')}`],
      {
        timeoutMs: 120_000,
      },
    );
  await ufw('--force', 'enable');
  return {
    commands: lab.commands,
    reload: async () => {
      await ufw('reload');
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function startFirewalld(lab: Lab): Promise<Firewall> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-firewalld-'));
  const bus = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${folder}/bus` };
  const words = `env DBUS_SYSTEM_BUS_ADDRESS=${bus.DBUS_SYSTEM_BUS_ADDRESS}`.split(' ') as [string, string];
  const tell = (...argv: readonly string[]) =>
    lab.commands.run([...words, 'firewall-cmd', ...argv], { timeoutMs: 120_000 });
  await using owned = new AsyncDisposableStack();
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  await cp('/etc/firewalld', join(folder, 'system'), { recursive: true });
  const policy = '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>';
  await writeFile(
    join(folder, 'bus.conf'),
    `<busconfig><type>system</type><listen>unix:path=${folder}/bus</listen><policy context="default">${policy}</policy></busconfig>`,
  );
  const busReady = async () => {
    if (!existsSync(join(folder, 'bus'))) throw new Error('no bus yet');
  };
  const daemon = ['dbus-daemon', `--config-file=${folder}/bus.conf`, '--nofork', '--nopidfile'];
  owned.use(await startProgram(daemon, { ready: busReady }));
  const argv = ['nsenter', `--net=/run/netns/${lab.names.host}`, 'firewalld', '--nofork', '--nopid'];
  const options = ['--system-config', join(folder, 'system'), '--log-target', 'console'];
  owned.use(await startProgram([...argv, ...options], { ready: () => tell('--state'), env: bus }));
  const held = owned.move();
  return {
    commands: {
      run: (command, more) =>
        lab.commands.run(command[0] === 'firewall-cmd' ? [...words, ...command] : command, more),
    },
    reload: async () => {
      await tell('--reload');
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const FIREWALLS = [
  ['ufw', startUfw, '/usr/sbin/ufw'],
  ['firewalld', startFirewalld, '/usr/sbin/firewalld'],
] as const;

// firewalld is in no list of packages: once installed it is active from the machine's next boot on.
for (const [name, start, program] of FIREWALLS)
  test(`beside ${name}`, { skip: existsSync(program) ? false : `${name} is not installed` }, async () => {
    const lab = await makeLab();
    try {
      await using firewall = await start(lab);
      const network = lab.engine({ commands: firewall.commands, nameService: ELSEWHERE });
      const rules = async () => (await lab.commands.run(['nft', 'list', 'ruleset'])).stdout;
      try {
        const { nic, guest } = await webGuest(lab, network);
        await whole(lab, nic, guest);
        // A socket at the gateway, as our own resolver has one, is asked before the host's resolvers.
        await lab.serve(lab.names.host, { address: nic.gateway, port: 53, text: 'own', protocol: 'udp' });
        assert.match(await askUdp(lab, guest, nic.gateway, 53), /^own/);
        await firewall.reload();
        assert.equal(await isSilent(lab, guest, `http://${FAR}/`), true, 'the reload took nothing away');
        await network.look(() => [{ nic, slot: 1, vmUid: 'uid-1' }], signal);
        await whole(lab, nic, guest, /^own/);
        await network.detach(nic, contextFor(1));
      } finally {
        await network.removeAll(signal);
      }
      assert.doesNotMatch(await rules(), /ign207/);
    } finally {
      await lab.close();
    }
  });

async function webGuest(lab: Lab, network: BridgeNetwork): Promise<{ nic: BridgeNic; guest: string }> {
  await network.rebuild(() => [], signal);
  const nic = await network.bind({ vmUid: 'uid-1', ports: PORTS }, [], signal);
  const guest = await lab.guest(1, nic);
  await network.attach(nic, contextFor(1));
  await lab.serve(guest, { address: '0.0.0.0', port: 80, text: 'vm' });
  await lab.serve(lab.names.internet, { address: '0.0.0.0', port: 80, text: 'internet' });
  await lab.serve(lab.names.internet, { address: FAR, port: 53, text: 'resolver', protocol: 'udp' });
  return { nic, guest };
}

/** Out, in, and the resolver at the gateway. */
async function whole(lab: Lab, nic: BridgeNic, guest: string, resolver = /^resolver/): Promise<void> {
  assert.equal(await ask(lab, guest, `http://${FAR}/`), `internet to ${HOST}`);
  assert.equal(await ask(lab, lab.names.internet, `http://${HOST}:8080/`), `vm to ${INTERNET}`);
  assert.match(await askUdp(lab, guest, nic.gateway, 53), resolver);
}
