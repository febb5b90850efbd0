// The lab with the plugins of CNI on its host. A guest is a namespace on a veth in the place of the VM's tap, joined to
// the plugin's interface by the very lines that join a tap.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spaceOf } from '../../../engine/src/network/given/space.ts';
import {
  type CniNic,
  type CniOptions,
  createCniNetwork,
  type GivenNetwork,
  type GivenNic,
} from '../../../engine/src/network/index.ts';
import { writeFileAtomic } from '../../../engine/src/host/index.ts';
import { becomeGuest } from './given-guest.ts';
import { type Lab, makeLab, ORDINAL } from './lab.ts';

export interface CniLab extends AsyncDisposable {
  readonly lab: Lab;
  readonly instance: string;
  /** Stands for /etc/cni/net.d. */
  readonly folder: string;
  /** Leases of host-local; not the machine's own. */
  readonly leases: string;
  /** A folder for plugins of the test. */
  readonly plugins: string;
  /** A driver; each call is a daemon that was started again. */
  driver(options?: Partial<CniOptions>): GivenNetwork<CniNic>;
  /** Writes a configuration. */
  configure(file: string, value: unknown): Promise<void>;
  /** Writes a plugin: a shell script. */
  plugin(name: string, script: string): Promise<void>;
  /** What is remembered for DEL, by VM. */
  readonly stores: Map<string, ReturnType<typeof memoryRecord>>;
  /** The namespace of the guest in a slot, that has taken over what was given. */
  guest(slot: number, nic: GivenNic): Promise<string>;
  /** Rules and links of the host, leases and namespaces. */
  count(): Promise<string>;
}

export const PLUGINS = '/usr/lib/cni';

export async function makeCniLab(): Promise<CniLab> {
  const lab = await makeLab();
  const scratch = await mkdtemp(join(tmpdir(), 'ignite-cni-'));
  const [folder, leases, plugins] = ['net.d', 'leases', 'bin'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(folder);
  await mkdir(plugins);
  const instance = randomBytes(3).toString('hex');
  const stores: CniLab['stores'] = new Map();
  const spaces: string[] = [];
  const machine = (argv: readonly [string, ...string[]], input?: string) =>
    lab.run(lab.names.host, argv, { ...(input === undefined ? {} : { input }), okCodes: [0, 1, 255] });
  return {
    lab,
    instance,
    folder,
    leases,
    plugins,
    stores,
    driver: (options = {}) => createCniNetwork({ ...defaults(), ...options }),
    configure: (file, value) =>
      writeFile(join(folder, file), typeof value === 'string' ? value : JSON.stringify(value)),
    plugin: (name, script) => writeFile(join(plugins, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 }),
    guest: async (slot, nic) => {
      const name = `igt-${instance}-guest${slot}`;
      spaces.push(name);
      await becomeGuest(lab.commands, name, spaceOf(instance, ORDINAL, slot).name, nic);
      return name;
    },
    count: async () => {
      const files = await machine([
        'sh',
        '-c',
        `ls ${leases}/* 2>/dev/null | grep -v -e lock -e last_reserved`,
      ]);
      const names = await machine(['sh', '-c', `ls /run/netns | grep ignite-${ORDINAL}-${instance}`]);
      // A bridge without ports goes down a moment later.
      const host = (await lab.count()).replace(/(UP|DOWN) +([0-9a-f:]{17}) <.*>/g, '$2');
      return [host, files.stdout, names.stdout].join('\n---\n');
    },
    [Symbol.asyncDispose]: async () => {
      for (const name of spaces) await machine(['ip', 'netns', 'del', name]);
      await machine([
        'sh',
        '-c',
        `for n in $(ls /run/netns | grep ignite-${ORDINAL}-${instance}); do ip netns del $n; done`,
      ]);
      await lab.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };

  function defaults(): CniOptions {
    return {
      commands: lab.commands,
      instance,
      ordinal: ORDINAL,
      folder: { path: folder, write: writeFileAtomic },
      plugins: [plugins, PLUGINS],
      deadlineMs: 30_000,
      store: (vmUid) => {
        const store = stores.get(vmUid) ?? memoryRecord();
        stores.set(vmUid, store);
        return store;
      },
      readText: async (path) => lab.files.get(path),
    };
  }
}

/** One record in memory. */
function memoryRecord() {
  let value: unknown;
  return {
    load: async () => value,
    save: async (record: unknown) => {
      value = JSON.parse(JSON.stringify(record));
    },
    remove: async () => {
      value = undefined;
    },
  };
}
