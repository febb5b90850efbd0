// A host made of network namespaces: the driver runs in one that stands for the host, beside one that stands for the
// internet and one per guest. The machine's own namespace gets nothing but the names.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  type AttachContext,
  type BridgeNetwork,
  type BridgeNic,
  createNetwork,
  type NameService,
  type NetworkStore,
} from '../../../engine/src/network/index.ts';
import { networkNames, tapName } from '../../../engine/src/network/names.ts';
import {
  type Commands,
  hostClock,
  hostCommands,
  readBootId,
  type RunOptions,
  type RunResult,
} from '../../../engine/src/host/index.ts';
import type { Claim, Claims } from '../../../engine/src/state/port.ts';

/** Address of the host on the test's own network, and of the machine that stands for the internet. */
export const HOST = '198.51.100.2';
export const INTERNET = '198.51.100.1';
/** An address behind the internet machine, reached by the default route only. */
export const FAR = '203.0.113.10';
export const ORDINAL = 207;

type Argv = readonly [string, ...string[]];

export interface Lab {
  /** Runs in the namespace that stands for the host. */
  readonly commands: Commands;
  readonly network: BridgeNetwork;
  readonly store: NetworkStore;
  readonly names: { readonly host: string; readonly internet: string };
  /** Content of files that the driver reads (resolv.conf). */
  readonly files: Map<string, string>;
  /** A second engine's view of the same host, or the same engine after a restart. */
  engine(options?: EngineOptions): BridgeNetwork;
  /** Runs in any namespace by name. */
  run(netns: string, argv: Argv, options?: RunOptions): Promise<RunResult>;
  /** Makes a namespace with a veth under the tap's name, addressed like a guest; attached by the caller afterwards. */
  guest(slot: number, nic: BridgeNic): Promise<string>;
  /** Starts a server that answers `text`; resolves when it listens. */
  serve(netns: string, server: Server): Promise<void>;
  /** What the host has now, to compare with before. */
  count(): Promise<string>;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly commands?: Commands;
  readonly instance?: string;
  readonly ordinal?: number;
  readonly store?: NetworkStore;
  readonly nameService?: NameService;
}

export interface Server {
  readonly address: string;
  readonly port: number;
  readonly text: string;
  readonly protocol?: 'tcp' | 'udp';
}

/** Makes the namespaces; `close` removes them and everything started in them. */
export async function makeLab(): Promise<Lab> {
  const machine = hostCommands();
  const instance = randomBytes(4).toString('hex');
  const names = { host: `igt-${instance}-host`, internet: `igt-${instance}-internet` };
  /** Namespaces that the driver makes. */
  const inside = new Set<string>();
  const spaces: string[] = [];
  const children: ChildProcess[] = [];
  const files = new Map([['/etc/resolv.conf', `nameserver ${FAR}\n`]]);
  const store = memoryStore();

  const run = (netns: string, argv: Argv, options?: RunOptions) =>
    machine.run(argv, { ...options, netns: `/run/netns/${netns}` });
  const commands: Commands = {
    run: (argv, options) =>
      options?.netns === undefined ? run(names.host, argv, options) : machine.run(argv, options),
  };
  const addSpace = async (name: string) => {
    await machine.run(['ip', 'netns', 'add', name]);
    spaces.push(name);
    await machine.run(['ip', '-n', name, 'link', 'set', 'dev', 'lo', 'up']);
  };
  const engine: Lab['engine'] = (options = {}) => {
    inside.add(networkNames(options.instance ?? instance, options.ordinal ?? ORDINAL).netns);
    return createNetwork({
      commands: options.commands ?? commands,
      clock: hostClock(),
      instance: options.instance ?? instance,
      ordinal: options.ordinal ?? ORDINAL,
      bootId: readBootId(),
      store: options.store ?? store,
      readText: async (path) => files.get(path),
      ...(options.nameService === undefined ? {} : { nameService: options.nameService }),
    });
  };

  await addSpace(names.host);
  await addSpace(names.internet);
  // A new namespace forwards where the machine does (ip-sysctl.rst, devconf_inherit_init_net): where Docker runs, say.
  await run(names.host, ['tee', '/proc/sys/net/ipv4/ip_forward'], { input: '0' });
  await machine.run(['ip', '-batch', '-'], { input: wires(names) });

  return {
    commands,
    names,
    files,
    store,
    run,
    engine,
    network: engine(),
    guest: async (slot, nic) => {
      const name = `igt-${instance}-guest${slot}`;
      await addSpace(name);
      const { netns } = networkNames(instance, ORDINAL, nic.networkIndex);
      inside.add(netns);
      await machine.run(['ip', '-batch', '-'], { input: guestWire(slot, name, netns, nic) });
      await machine.run(['ip', '-n', name, 'route', 'add', 'default', 'via', nic.gateway]);
      return name;
    },
    serve: async (netns, server) => {
      children.push(await startServer(netns, server));
    },
    count: () => countHost(commands, instance),
    close: async () => {
      await Promise.all(children.map(endChild));
      // The driver's own is there only after a test that failed.
      for (const name of [...spaces, ...inside])
        await machine.run(['ip', 'netns', 'del', name], { okCodes: [0, 1] });
    },
  };
}

function wires(names: Lab['names']): string {
  return [`link add wan0 netns ${names.host} type veth peer name lan0 netns ${names.internet}`, '']
    .join('\n')
    .concat(
      [
        `netns exec ${names.host} ip address add ${HOST}/24 dev wan0`,
        `netns exec ${names.host} ip link set dev wan0 up`,
        `netns exec ${names.internet} ip address add ${INTERNET}/24 dev lan0`,
        `netns exec ${names.internet} ip address add ${FAR}/24 dev lo`,
        `netns exec ${names.internet} ip link set dev lan0 up`,
        `netns exec ${names.host} ip route add default via ${INTERNET}`,
        '',
      ].join('\n'),
    );
}

function guestWire(slot: number, guest: string, inside: string, nic: BridgeNic): string {
  const eth0 = `netns exec ${guest} ip`;
  return [
    `link add ${tapName(ORDINAL, slot)} netns ${inside} type veth peer name eth0 netns ${guest}`,
    `${eth0} link set dev eth0 address ${nic.mac}`,
    `${eth0} address add ${nic.address}/${nic.prefixLength} dev eth0`,
    `${eth0} link set dev eth0 up`,
    '',
  ].join('\n');
}

const SERVER = `
const [protocol, address, port, text] = process.argv.slice(1);
const ready = () => console.log('ready');
if (protocol === 'udp') {
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (_, from) => socket.send(text + ' to ' + from.address, from.port, from.address));
  socket.bind(Number(port), address, ready);
} else {
  require('node:http').createServer((request, response) =>
    response.end(text + ' to ' + request.socket.remoteAddress)).listen(Number(port), address, ready);
}`;

/** For programs that wait by themselves. */
const PATIENT = { timeoutMs: 300_000 } as const;

const ASKER = `
const [address, port, wait] = process.argv.slice(1);
const socket = require('node:dgram').createSocket('udp4');
const timer = setInterval(() => socket.send('?', Number(port), address), 100);
setTimeout(() => process.exit(28), Number(wait));
socket.on('message', (text) => { console.log(String(text)); process.exit(0); });
socket.on('error', () => {});`;

async function startServer(netns: string, server: Server): Promise<ChildProcess> {
  const argv = [server.protocol ?? 'tcp', server.address, String(server.port), server.text];
  const child = spawn('nsenter', [`--net=/run/netns/${netns}`, process.execPath, '-e', SERVER, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit').then(() => {
    throw new Error(`the server on port ${server.port} ended`);
  });
  gone.catch(() => undefined);
  await Promise.race([once(child.stdout, 'data'), gone]);
  return child;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** How long an answer that must come is waited for: links are up when the kernel finds time for it. */
const ANSWER_MS = 120_000;
/** How long it is watched that none comes. */
const SILENCE_MS = 2_000;

/** The body that a URL answers, asked again until it does; empty where nobody answers. */
export async function ask(lab: Lab, netns: string, url: string): Promise<string> {
  const until = performance.now() + ANSWER_MS;
  for (;;) {
    const answer = await askOnce(lab, netns, url, 20);
    if (answer !== undefined || performance.now() > until) return answer ?? '';
  }
}

/** Whether nobody answers a URL, or only with a refusal. */
export async function isSilent(lab: Lab, netns: string, url: string): Promise<boolean> {
  return (await askOnce(lab, netns, url, SILENCE_MS / 1000)) === undefined;
}

async function askOnce(lab: Lab, netns: string, url: string, seconds: number): Promise<string | undefined> {
  const argv: Argv = ['curl', '-sS', '--noproxy', '*', '--max-time', String(seconds), url];
  const { code, stdout } = await lab.run(netns, argv, { okCodes: [0, 7, 28, 52, 56], ...PATIENT });
  return code === 0 ? stdout : undefined;
}

/** The datagram that comes back from a UDP port, asked again and again; empty where none comes. */
export async function askUdp(lab: Lab, netns: string, address: string, port: number): Promise<string> {
  return await datagram(lab, netns, address, port, ANSWER_MS);
}

/** Whether no datagram comes back from a UDP port. */
export async function isUdpSilent(lab: Lab, netns: string, address: string, port: number): Promise<boolean> {
  return (await datagram(lab, netns, address, port, SILENCE_MS)) === '';
}

async function datagram(lab: Lab, netns: string, address: string, port: number, waitMs: number) {
  const argv: Argv = [process.execPath, '-e', ASKER, address, String(port), String(waitMs)];
  const { code, stdout } = await lab.run(netns, argv, { okCodes: [0, 28], ...PATIENT });
  return code === 0 ? stdout.trim() : '';
}

/** Whether an address answers a ping, asked again and again. */
export async function pings(
  lab: Lab,
  netns: string,
  address: string,
  ...more: readonly string[]
): Promise<boolean> {
  const until = performance.now() + ANSWER_MS;
  for (;;) {
    if (!(await isDeaf(lab, netns, address, ...more))) return true;
    if (performance.now() > until) return false;
  }
}

/** Whether an address does not answer one ping. */
export async function isDeaf(
  lab: Lab,
  netns: string,
  address: string,
  ...more: readonly string[]
): Promise<boolean> {
  const argv: Argv = ['busybox', 'ping', '-c', '1', '-W', '1', ...more, address];
  return (await lab.run(netns, argv, { okCodes: [0, 1, 2], ...PATIENT })).code !== 0;
}

async function countHost(commands: Commands, instance: string): Promise<string> {
  const [links, rules, iptables, netns, switches] = await Promise.all([
    commands.run(['ip', '-br', 'link']),
    commands.run(['nft', 'list', 'ruleset']),
    commands.run(['iptables-nft-save']),
    commands.run(['ip', 'netns', 'list']),
    commands.run([
      'grep',
      '-r',
      '',
      '/proc/sys/net/ipv4/conf/wan0/forwarding',
      '/proc/sys/net/ipv4/ip_forward',
    ]),
  ]);
  const spaces = netns.stdout
    .split('\n')
    .filter((line) => line.includes(instance) && !line.includes('-guest'));
  const saved = iptables.stdout.replace(/^#.*$/gm, '').replace(/\[\d+:\d+\]/g, '');
  const counted = rules.stdout.replace(/packets \d+ bytes \d+/g, '');
  return [
    links.stdout.split('\n').map(nameAndAddress).join('\n'),
    counted,
    saved,
    spaces.map((line) => line.split(' ')[0]).join('\n'),
    switches.stdout,
  ].join('\n---\n');
}

/** Of a line of `ip -br link` what does not change by itself: whether a link is up is told when the kernel finds time. */
function nameAndAddress(line: string): string {
  const [name = '', , address = ''] = line.split(/ +/);
  return `${name} ${address}`;
}

/** A store in memory. */
export function memoryStore(): NetworkStore {
  const values = new Map<string, unknown>();
  return {
    all: async () => [...values.values()],
    save: async (record) => {
      values.set(record.uid ?? '', JSON.parse(JSON.stringify(record)));
    },
    remove: async (record) => {
      values.delete(record.uid ?? '');
    },
  };
}

/** Claims in memory, in the order they were made. */
export function memoryClaims(): Claims & { readonly log: readonly string[] } {
  const live = new Map<string, Claim>();
  const log: string[] = [];
  const note = (word: string, kind: string, name: string) => {
    log.push(`${word} ${kind} ${name}`);
    return `${kind} ${name}`;
  };
  return {
    log,
    claim: async (resource) => {
      const key = note('claim', resource.kind, resource.name);
      if (!live.has(key)) live.set(key, { ...resource, made: false, boot: '00000000' });
    },
    made: async (resource) => {
      live.set(note('made', resource.kind, resource.name), { ...resource, made: true, boot: '00000000' });
    },
    gone: async (resource) => {
      live.delete(note('gone', resource.kind, resource.name));
    },
    live: () => [...live.values()],
  };
}

/** A context for one VM of a test. */
export function contextFor(slot: number, claims: Claims = memoryClaims()): AttachContext {
  return {
    slot,
    vmUid: `uid-${slot}`,
    vmName: `vm${slot}`,
    uid: 100_000 + slot,
    claims,
    signal: new AbortController().signal,
  };
}
