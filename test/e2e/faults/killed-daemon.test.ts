// `kill -9` of the daemon at many moments of create, start, stop and rm: afterwards each VM is whole or gone, what ran
// runs on in the same process, every verb works again, and at the end nothing is left.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { VmDocument } from '@ignite/client';
import { findProcesses, image, isDaemon, killNow, waitFor } from '../world/index.ts';
import { assertNothingMore, type OwnDaemon, startOwnDaemon, traces } from './own-daemon.ts';

const VM = 'victim';
const SLEEPS = ['busybox', 'sleep', '100000'] as const;
const STATES = ['created', 'starting', 'running', 'stopping', 'stopped', 'failed'];

describe('kill -9 of the daemon', () => {
  let own: OwnDaemon;
  let usual: readonly string[] = [];
  let bystander = 0;

  before(async () => {
    own = await startOwnDaemon();
    await ok(['run', '-d', '--name', 'bystander', image(SLEEPS[0]), ...SLEEPS.slice(1)]);
    bystander = await supervisorOf('bystander');
    usual = (await traces(own.place)).filter((line) => !isDaemon(line));
  });
  after(async () => {
    await ok(['rm', '-f', 'bystander']);
    await own[Symbol.asyncDispose]();
  });

  const walks: readonly {
    readonly verb: string;
    readonly argv: readonly string[];
    readonly prepare: readonly (readonly string[])[];
    readonly delays: readonly number[];
  }[] = [
    { verb: 'create', argv: create(), prepare: [], delays: [110, 150, 190, 240] },
    { verb: 'start', argv: ['start', VM], prepare: [create()], delays: [130, 220, 500] },
    { verb: 'stop', argv: ['stop', VM], prepare: [create(), ['start', VM]], delays: [130, 300] },
    { verb: 'rm', argv: ['rm', '-f', VM], prepare: [create(), ['start', VM]], delays: [130, 170, 220] },
  ];

  for (const { verb, argv, prepare, delays } of walks)
    for (const ms of delays)
      test(`${ms} ms into ${verb}`, async () => {
        for (const line of prepare) await ok(line);
        const running = own.ignite(argv);
        await delay(ms);
        await killDaemon();
        await running;

        await assertWholeOrGone(verb);
        assert.equal(await supervisorOf('bystander'), bystander);
        assert.equal((await own.ignite(['exec', 'bystander', 'true'])).code, 0);
        await ok(['rm', '-f', VM]);
        await assertNothingMore(own.place, [...usual, ...(await traces(own.place)).filter(isDaemon)]);
      });

  async function ok(argv: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await own.ignite(argv);
    assert.equal(code, 0, `ignite ${argv.join(' ')}: ${stderr}`);
    return stdout;
  }

  async function killDaemon(): Promise<void> {
    const daemons = (await findProcesses(own.place.root)).filter(({ line }) => isDaemon(line));
    for (const { pid } of daemons) killNow(pid);
    // A command that is late starts another meanwhile: only the end of those that were killed is waited for.
    const left = async () => (await findProcesses(own.place.root)).map(({ pid }) => pid);
    const dead = async () => !(await left()).some((pid) => daemons.some((one) => one.pid === pid));
    await waitFor('the daemon is dead', dead);
  }

  /** The next command starts the daemon again; a VM that is there can be used, whatever was going on. */
  async function assertWholeOrGone(verb: string): Promise<void> {
    const list = JSON.parse(await ok(['ps', '-a', '-o', 'json'])) as readonly VmDocument[];
    const vm = list.find(({ metadata }) => metadata.name === VM);
    if (vm === undefined) return assert.ok(verb === 'create' || verb === 'rm', `${VM} is gone`);
    assert.ok(STATES.includes(vm.status.state), vm.status.state);
    if (verb !== 'create' && verb !== 'start') return;
    await ok(['start', VM]);
    await ok(['exec', VM, 'true']);
  }

  async function supervisorOf(name: string): Promise<number> {
    const vm = JSON.parse(await ok(['inspect', 'vm', name])) as VmDocument;
    const path = join(own.place.run, String(vm.bound?.slot), 'spawn.json');
    return (JSON.parse(await readFile(path, 'utf8')) as { readonly pid: number }).pid;
  }
});

function create(): readonly string[] {
  return ['create', '--name', VM, image(SLEEPS[0]), ...SLEEPS.slice(1)];
}
