// What goes wrong from outside: the daemon killed, a supervisor killed, commands that fail, many at once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  findProcesses,
  ignite,
  igniteOk,
  image,
  inspect,
  isDaemon,
  place,
  runSleeper,
  statusOf,
  vmName,
  waitFor,
} from './world/index.ts';

describe('ignited killed with -9 while VMs run', () => {
  const steady = vmName({ after }, 'steady');
  const ending = vmName({ after }, 'ending');
  const SCRIPT = 'echo begun; while [ ! -e /tmp/go ]; do sleep 0.1; done; sleep 3; echo over; exit 23';
  let supervisor = 0;

  before(async () => {
    await Promise.all([
      runSleeper(steady),
      igniteOk(['run', '-d', '--name', ending, image('busybox'), 'sh', '-c', SCRIPT]),
    ]);
    supervisor = (await supervisorOf(steady)).pid;
    await processesOf(ending);
    await igniteOk(['exec', ending, 'touch', '/tmp/go']);
    await killDaemon();
    const gone = async () => (await processesOf(ending)).length === 0;
    await waitFor('the command ends without a daemon', gone);
  });

  test('IGD-12, BUG-15: they keep running, and ps, exec, logs and names work again', async () => {
    assert.match((await statusOf(steady)) ?? '', /^Up /);
    assert.equal((await supervisorOf(steady)).pid, supervisor);
    assert.equal(await igniteOk(['exec', steady, 'echo', 'still here']), 'still here');
    assert.equal((await ignite(['logs', steady])).code, 0);
    const address = (await inspect(steady)).status.network?.ipAddresses?.[0] ?? '-';
    const found = async () => (await ignite(['exec', steady, 'nslookup', steady])).stdout.includes(address);
    await waitFor('its name is found', found);
  });

  test('an app that ended meanwhile has its exit code and its log', async () => {
    assert.match((await statusOf(ending)) ?? '', /^Stopped \(exit 23\)/);
    assert.equal(await igniteOk(['logs', ending]), 'begun\nover');
    assert.equal((await inspect(ending)).status.exitCode, 23);
  });

  test('HAZ-05, BEY-01: stop, start: the same address and disk', async () => {
    const address = (await inspect(steady)).status.network?.ipAddresses?.[0];
    await igniteOk(['exec', steady, 'sh', '-c', 'echo kept > /root/file']);

    await igniteOk(['stop', steady]);
    assert.match((await statusOf(steady)) ?? '', /^Stopped/);
    await igniteOk(['start', steady]);

    assert.equal((await inspect(steady)).status.network?.ipAddresses?.[0], address);
    assert.equal(await igniteOk(['exec', steady, 'cat', '/root/file']), 'kept');
  });

  test('told to end, it does so whoever hangs on it, and tells them why', async () => {
    const printing = (argv: readonly string[], word: string) => {
      const { promise: printed, resolve } = Promise.withResolvers<void>();
      let pid = 0;
      const started = (own: number) => void (pid = own);
      const ended = ignite(argv, { started, printed: (text) => text.includes(word) && resolve() });
      return { ended, printed: printed.then(() => pid) };
    };
    const endless = ['exec', steady, 'sh', '-c', 'echo begun; exec sleep 100000'] as const;
    const awake = printing(endless, 'begun');
    const asleep = printing(endless, 'begun');
    const [, stopped] = await Promise.all([awake.printed, asleep.printed]);
    process.kill(stopped, 'SIGSTOP');
    const daemon = await daemonPid();

    await igniteOk(['system', 'stop']);
    try {
      await waitFor('the daemon has ended', async () => !(await daemons()).includes(daemon), 60_000);
    } finally {
      process.kill(stopped, 'SIGCONT');
    }

    assert.match((await awake.ended).stderr, /The daemon is ending; its VMs run on/);
    await asleep.ended;
    assert.match((await statusOf(steady)) ?? '', /^Up /);
  });
});

test('a command that does not listen is killed by stop, and its disk is whole', async (t) => {
  const name = vmName(t, 'stubborn');
  await igniteOk(['run', '-d', '--name', name, image('busybox'), 'sleep', '100000']);
  await igniteOk(['exec', name, 'sh', '-c', 'echo kept > /root/file']);

  await igniteOk(['stop', '-t', '1', name]);

  assert.match((await statusOf(name)) ?? '', /^Stopped \(signal 9\)/);
  await igniteOk(['start', name]);
  assert.equal(await igniteOk(['exec', name, 'cat', '/root/file']), 'kept');
});

test('ignite-spawn killed with -9 is told as such, and nothing of the VM is left', async (t) => {
  const name = vmName(t, 'lost');
  await runSleeper(name);
  const before = await processesOf(name);
  assert.ok(before.length >= 1, 'the supervisor runs'); // a VMM in its jail does not name the folder

  process.kill((await supervisorOf(name)).pid, 'SIGKILL');

  const told = async () => (await statusOf(name))?.startsWith('Failed (supervisor lost)');
  await waitFor('ps tells it', told);
  await waitFor('no process is left', async () => (await processesOf(name)).length === 0);
  await igniteOk(['start', name]);
  assert.equal(await igniteOk(['exec', name, 'echo', 'back']), 'back');
});

test('ten run at once', async (t) => {
  const names = Array.from({ length: 10 }, (_, index) => vmName(t, `ten${index}`));

  const ends = await Promise.all(
    names.map((name, index) =>
      ignite(['run', '--rm', '--name', name, image('busybox'), 'sh', '-c', `echo ${name}; exit ${index}`]),
    ),
  );

  for (const [index, { code, stdout, stderr }] of ends.entries())
    assert.deepEqual([code, stdout], [index, `${names[index]}\n`], stderr);
  assert.deepEqual(await Promise.all(names.map(statusOf)), Array.from({ length: 10 }));
});

test('a command that fails is started again, as often as the policy says', async (t) => {
  const name = vmName(t, 'again');
  const script = 'echo try; exit 3';

  await igniteOk([
    'run',
    '-d',
    '--restart',
    'on-failure:2',
    '--name',
    name,
    image('busybox'),
    'sh',
    '-c',
    script,
  ]);
  const done = async () => {
    const { status } = await inspect(name);
    return status.state === 'stopped' && status.restarts === 2;
  };
  await waitFor('two restarts', done);

  assert.equal((await inspect(name)).status.exitCode, 3);
  assert.equal(await igniteOk(['logs', name]), 'try\ntry\ntry');
});

/** The daemon, killed as a crash would. */
async function killDaemon(): Promise<void> {
  const daemon = await daemonPid();
  process.kill(daemon, 'SIGKILL');
  await waitFor('the daemon is gone', async () => !(await daemons()).includes(daemon));
}

async function daemonPid(): Promise<number> {
  const [daemon] = await daemons();
  assert.ok(daemon !== undefined, 'no daemon runs');
  return daemon;
}

async function daemons(): Promise<readonly number[]> {
  const found = await findProcesses(place().root);
  return found.filter(({ line }) => isDaemon(line)).map(({ pid }) => pid);
}

/** VMM and supervisor of a VM. */
async function processesOf(name: string): Promise<readonly { pid: number; line: string }[]> {
  const slot = slots.get(name) ?? (await inspect(name)).bound?.slot;
  if (slot === undefined) throw new Error(`${name} has no slot`);
  slots.set(name, slot);
  return (await findProcesses(place().root)).filter(({ line }) => line.includes(`${place().run}/${slot}/`));
}

async function supervisorOf(name: string): Promise<{ pid: number }> {
  const found = (await processesOf(name)).find(({ line }) => line.includes('ignite-spawn'));
  if (found === undefined) throw new Error(`${name} has no supervisor`);
  return found;
}

/** Known before a daemon is killed: asking would start it again. */
const slots = new Map<string, number>();
