// pause, unpause, rename, port, top, stats and system stop: what they ask for and what they print.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeVm, runningVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

test('pause and unpause print UIDs, and tell of each VM that is not there', async () => {
  await using daemon = await startFakeDaemon();
  const [a, b] = [runningVm('a'), runningVm('b')];
  daemon.vms.push(a, b);
  const paused = await ignite(['pause', 'a', 'nope', 'b'], { daemon });
  assert.equal(paused.code, 1);
  assert.equal(paused.stdout, `${a.metadata.uid}\n${b.metadata.uid}\n`);
  assert.match(paused.stderr, /There is no VM "nope"/);
  assert.match((await ignite(['ps'], { daemon })).stdout, /Paused/);
  assert.equal((await ignite(['unpause', 'a'], { daemon })).code, 0);
  assert.equal(daemon.vms[0]?.status.state, 'running');
});

for (const verb of ['stop', 'kill'])
  test(`${verb} ends several VMs side by side, and tells of them in the order of the words`, async () => {
    await using daemon = await startFakeDaemon();
    const [a, b] = [runningVm('a'), runningVm('b')];
    daemon.vms.push(a, b);
    const [askedForA, endedB] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    daemon.onEnd = async (vm) => {
      if (vm === a) {
        askedForA.resolve();
        await endedB.promise; // which is asked for while this one is
      } else {
        await askedForA.promise;
        endedB.resolve();
      }
    };
    const { code, stdout, stderr } = await ignite([verb, 'a', 'nope', 'b'], { daemon });
    assert.deepEqual([code, stdout], [1, `${a.metadata.uid}\n${b.metadata.uid}\n`]);
    assert.match(stderr, /There is no VM "nope"/);
  });

for (const verb of ['start', 'restart'])
  test(`${verb} starts several VMs side by side, and one that is named twice in turn`, async () => {
    await using daemon = await startFakeDaemon();
    const [a, b] = [fakeVm('a'), fakeVm('b')];
    daemon.vms.push(a, b);
    const [askedForA, startedB] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const starting: string[] = [];
    daemon.onStart = async (vm) => {
      assert.ok(!starting.includes(vm.metadata.name), `${vm.metadata.name} is started by two at once`);
      starting.push(vm.metadata.name);
      if (vm === a) {
        askedForA.resolve();
        await startedB.promise; // which is asked for while this one is
      } else {
        await askedForA.promise;
        startedB.resolve();
      }
      starting.splice(starting.indexOf(vm.metadata.name), 1);
    };
    const { code, stdout } = await ignite([verb, 'a', a.metadata.uid, 'b'], { daemon });
    const { uid } = a.metadata;
    assert.deepEqual([code, stdout], [0, `${uid}\n${uid}\n${b.metadata.uid}\n`]);
  });

test('restart passes the signal on to the stop', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  assert.equal((await ignite(['restart', '-s', 'INT', '-t', '3', 'web'], { daemon })).code, 0);
  const stop = daemon.requests.find(({ path }) => path.endsWith('/stop'));
  assert.deepEqual(stop?.json, { timeoutSeconds: 3, signal: 'SIGINT' });
  assert.match(
    (await ignite(['restart', '-s', 'FOO', 'web'], { daemon })).stderr,
    /there is no signal "FOO"/,
  );
});

test('rename sends the new name and prints nothing on stdout', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(fakeVm('old'));
  const { code, stdout } = await ignite(['rename', 'old', 'new'], { daemon });
  assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });
  assert.equal(daemon.vms[0]?.metadata.name, 'new');
  assert.equal((await ignite(['rename', 'new'], { daemon })).code, 1);
});

test('system stop sends whether VMs are to end first, and whether the host goes down', async () => {
  await using daemon = await startFakeDaemon();
  const sent = async (...flags: string[]) => {
    await ignite(['system', 'stop', ...flags], { daemon });
    return daemon.requests.at(-1)?.json;
  };
  assert.deepEqual(await sent(), {});
  assert.deepEqual(await sent('--vms'), { vms: true });
  assert.deepEqual(await sent('--host-shutdown'), { vms: true, host: true });
});

test('port prints as Docker does, and fails for what is not published', async () => {
  await using daemon = await startFakeDaemon();
  const ports = [
    { hostPort: 8080, vmPort: 80, protocol: 'tcp' },
    { bindAddress: '127.0.0.1', hostPort: 5353, vmPort: 53, protocol: 'udp' },
  ];
  daemon.vms.push(fakeVm('web', { spec: { network: { mode: 'bridge', ports } }, bound: { nics: [] } }));
  const shown = async (...words: string[]) => (await ignite(['port', 'web', ...words], { daemon })).stdout;
  assert.equal(await shown(), '80/tcp -> 0.0.0.0:8080\n53/udp -> 127.0.0.1:5353\n');
  assert.equal(await shown('80'), '0.0.0.0:8080\n');
  assert.equal(await shown('53/udp'), '127.0.0.1:5353\n');
  const missing = await ignite(['port', 'web', '81'], { daemon });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /web does not publish 81\/tcp/);
  assert.equal((await ignite(['port', 'web', 'x'], { daemon })).code, 1);
});

test('top shows the processes of the guest', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  const item = { pid: 1, parent: 0, user: 33, state: 'S', cpu: 65_000_000, memory: 2 << 20, started: 5 };
  daemon.processes = { items: [{ ...item, command: 'nginx \u001b[31m' }], complete: true };
  const { stdout } = await ignite(['top', 'web'], { daemon });
  const [head = '', row = ''] = stdout.split('\n');
  assert.match(head, /^UID +PID +PPID +STAT +RSS +TIME +CMD$/);
  assert.match(row, /^33 +1 +0 +S +2.0 MB +00:01:05 +nginx/);
  assert.doesNotMatch(row, /\u001b/);
  const json = await ignite(['top', '--format', 'json', 'web'], { daemon });
  assert.equal((JSON.parse(json.stdout) as { user: number }).user, 33);
});

test('stats measures twice for the processor, once for the rest', async () => {
  await using daemon = await startFakeDaemon();
  const vm = runningVm('web');
  daemon.vms.push(vm, fakeVm('off', { status: { state: 'stopped' } }));
  let asked = 0;
  daemon.stats = () => ({
    uid: vm.metadata.uid,
    name: 'web',
    time: new Date(1_000_000 + asked * 2_000).toISOString(),
    cpus: 2,
    host: { cpu: asked++ * 1_000_000, memory: 64 << 20, memoryLimit: 256 << 20, processes: 2 },
    network: { received: 2048, sent: 4096 },
  });
  const once = await ignite(
    ['stats', '--no-stream', '--format', '{{.Name}} {{.CPUPerc}} {{.MemPerc}} {{.NetIO}}'],
    {
      daemon,
    },
  );
  assert.equal(once.stdout, 'web 50.00% 25.00% 2.0 KB / 4.0 KB\n');
  const table = await ignite(['stats', '--no-stream'], { daemon });
  assert.match(table.stdout, /^VM ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +GUEST MEM/);
  assert.equal(table.stdout.split('\n').length, 3);
});

test('stats on a terminal begins each table at the top of a clear screen', async () => {
  await using daemon = await startFakeDaemon();
  const { metadata } = runningVm('web');
  daemon.vms.push(runningVm('web'));
  let asked = 0;
  let interrupt = () => {};
  daemon.stats = () => {
    asked += 1;
    if (asked === 3) interrupt(); // after the first table
    const host = { cpu: 0, memory: 0, memoryLimit: 1, processes: 2 };
    return { uid: metadata.uid, name: 'web', time: new Date(0).toISOString(), cpus: 1, host };
  };
  const signals = (send: (name: NodeJS.Signals) => void) => {
    interrupt = () => send('SIGINT');
  };
  const { code, stdout } = await ignite(['stats'], { daemon, terminal: true, signals });
  assert.equal(code, 130);
  assert.ok(stdout.startsWith('\u001b[2J\u001b[HVM ID'), JSON.stringify(stdout.slice(0, 40)));
});
