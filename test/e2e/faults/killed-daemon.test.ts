// `kill -9` of the daemon at many moments of create, start, stop and rm, and by itself at chosen records of theirs
// (`IGNITE_FAULT=kill@N`, which a release does not have: that daemon runs from its sources): afterwards each VM is whole or gone,
// what ran runs on in the same process, every verb works again, and at the end nothing is left.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { VmDocument } from '@ignite/client';
import { findProcesses, IGNITE, image, isDaemon, killNow, waitFor } from '../world/index.ts';
import { assertNothingMore, type OwnDaemon, startOwnDaemon, traces } from './own-daemon.ts';

const SOURCES = join(import.meta.dirname, '../../../packages/daemon/src/main.ts');
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
    /** Numbers of records, before and after each counted. */
    readonly points: readonly number[];
  }[] = [
    { verb: 'create', argv: create(), prepare: [], delays: [110, 190, 240], points: [6] },
    { verb: 'start', argv: ['start', VM], prepare: [create()], delays: [130, 500], points: [9] },
    { verb: 'stop', argv: ['stop', VM], prepare: [create(), ['start', VM]], delays: [130], points: [3] },
    {
      verb: 'rm',
      argv: ['rm', '-f', VM],
      prepare: [create(), ['start', VM]],
      delays: [130, 220],
      points: [6],
    },
  ];

  for (const { verb, argv, prepare, delays, points } of walks) {
    for (const ms of delays)
      test(`${ms} ms into ${verb}`, async () => {
        for (const line of prepare) await ok(line);
        const running = own.ignite(argv);
        await delay(ms);
        await killDaemon();
        await running;
        await assertMended(verb);
      });
    for (const point of points)
      test(`at record ${point} of ${verb}`, async () => {
        for (const line of prepare) await ok(line);
        await ok(['system', 'stop']);
        await waitFor('the daemon has ended', async () => (await daemons()).length === 0);
        const daemon = await startFaulty(point);
        const died = once(daemon, 'exit');
        const acted = await own.ignite(argv, toItAlone());
        assert.notEqual(acted.code, 0, acted.stdout);
        const [, signal] = await died;
        assert.equal(signal, 'SIGKILL');
        await assertMended(verb);
      });
  }

  async function assertMended(verb: string): Promise<void> {
    await assertWholeOrGone(verb);
    assert.equal(await supervisorOf('bystander'), bystander);
    assert.equal((await own.ignite(['exec', 'bystander', 'true'])).code, 0);
    await ok(['rm', '-f', VM]);
    await assertNothingMore(own.place, [...usual, ...(await traces(own.place)).filter(isDaemon)]);
  }

  /** A command that finds no daemon at a socket it was told starts none. */
  function toItAlone() {
    return { env: { IGNITE_HOST: join(own.place.run, 'ignited.sock') } };
  }

  /** A daemon from its sources that kills itself at a record; settles when it answers. */
  async function startFaulty(point: number): Promise<ChildProcess> {
    const daemon = spawn(process.execPath, ['--no-warnings', SOURCES], {
      stdio: 'ignore',
      env: {
        ...process.env,
        IGNITE_STATE_DIR: own.place.state,
        IGNITE_RUN_DIR: own.place.run,
        IGNITE_CONFIG: join(own.place.root, 'config.yaml'),
        IGNITE_BIN_DIR: join(IGNITE, '..'),
        IGNITE_FAULT: `kill@${point}`,
      },
    });
    await waitFor('it answers', async () => (await own.ignite(['ps'], toItAlone())).code === 0);
    return daemon;
  }

  const daemons = async () => (await findProcesses(own.place.root)).filter(({ line }) => isDaemon(line));

  async function ok(argv: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await own.ignite(argv);
    assert.equal(code, 0, `ignite ${argv.join(' ')}: ${stderr}`);
    return stdout;
  }

  async function killDaemon(): Promise<void> {
    const killed = await daemons();
    for (const { pid } of killed) killNow(pid);
    // A command that is late starts another meanwhile: only the end of those that were killed is waited for.
    const left = async () => (await findProcesses(own.place.root)).map(({ pid }) => pid);
    const dead = async () => !(await left()).some((pid) => killed.some((one) => one.pid === pid));
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
