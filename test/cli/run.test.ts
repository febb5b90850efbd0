import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api/errors';
import { type Client, createClient } from '@ignite/client';
import { errorBody, runningVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

test('run prints exactly what the command prints, each stream on its own, and gives its code (rules 4, 12, 18)', async () => {
  await using daemon = await startFakeDaemon();
  daemon.guest = async (side) => {
    await side.write('stdout', 'out\n');
    await side.write('stderr', 'err\n');
    side.exit({ code: 42, oom: false });
  };
  const { code, stdout, stderr } = await ignite(['run', '-q', '--rm', 'alpine', 'sh', '-c', 'exit 42'], {
    daemon,
  });
  assert.deepEqual({ code, stdout, stderr }, { code: 42, stdout: 'out\n', stderr: 'err\n' });
  assert.equal(daemon.vms.length, 0);
});

test('-it without a terminal on stdin is refused before anything is made; -t, -i and -d alone are not', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  const refused: readonly string[] = ['run -it alpine sh', 'exec -it web sh', 'exec -i -t web -- sh -c ls'];
  for (const line of refused) {
    const { code, stderr } = await ignite(line.split(' '), { daemon, stdin: 'ls\n' });
    assert.equal(code, 125, line);
    assert.match(stderr, /-i and -t together need a terminal, and stdin is none\nHint: Leave -t out/, line);
  }
  assert.deepEqual(daemon.requests, []);
  const passing: readonly string[] = [
    'run -t alpine ls',
    'run -i alpine cat',
    'run -itd alpine sh',
    'run -it -a stdout alpine sh',
    'exec -t web ls',
    'exec -i web cat',
    'exec -itn web ls',
    'exec -itd web sleep',
  ];
  for (const line of passing) {
    const { code, stderr } = await ignite(line.split(' '), { daemon, stdin: 'ls\n' });
    assert.equal(code, 0, `${line}: ${stderr}`);
    daemon.vms.splice(1);
  }
  assert.equal((await ignite(['run', '-it', 'alpine', 'sh'], { daemon, terminal: true })).code, 0);
});

test('run --rm with a volume removes the VM only when its guest has ended: what it wrote last must arrive', async () => {
  await using daemon = await startFakeDaemon();
  daemon.guest = (side) => side.exit({ code: 0, oom: false });
  const { code } = await ignite(['run', '-q', '--rm', '-v', 'data:/d', 'alpine', 'true'], { daemon });
  const asked = daemon.requests.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
  assert.deepEqual([code, daemon.vms.length], [0, 0]);
  assert.equal(asked.at(-2), 'POST wait');
  assert.match(asked.at(-1) ?? '', /^DELETE /);
});

test('run --rm: that the daemon removes the VM at the same moment is no failure', async () => {
  await using daemon = await startFakeDaemon();
  daemon.guest = (side) => side.exit({ code: 0, oom: false });
  const client = createClient({ socketPath: daemon.socketPath });
  const overtaken: Client = {
    ...client,
    removeVm: async (...call) => {
      if (daemon.vms.splice(0).length === 0) return await client.removeVm(...call);
      throw new IgniteError('lifecycle/superseded', 'A newer command for this VM took over');
    },
  };
  const { code, stderr } = await ignite(['run', '-q', '--rm', 'alpine', 'true'], {
    daemon,
    connect: async () => overtaken,
  });
  assert.deepEqual([code, stderr], [0, '']);
});

test('run -d prints the UID and leaves the VM running (rules 4, 12)', async () => {
  await using daemon = await startFakeDaemon();
  const { code, stdout, stderr } = await ignite(['run', '-d', '--name', 'web', 'nginx'], { daemon });
  assert.equal(code, 0);
  assert.equal(stdout, `${daemon.vms[0]?.metadata.uid}\n`);
  assert.match(stderr, /Created VM with ID ".*" and name "web"/);
});

test('a failing start removes the VM it made, --keep-failed keeps it (rule 19)', async () => {
  await using daemon = await startFakeDaemon();
  daemon.onStart = async () => {
    throw Object.assign(new Error(), {});
  };
  daemon.failures.set(
    'POST /v1/vms/[^/]+/start',
    errorBody('guest/unreachable', 'The guest never reported', { stage: 'boot' }),
  );
  const gone = await ignite(['run', 'alpine', 'true'], { daemon });
  assert.equal(gone.code, 125);
  assert.match(gone.stderr, /Error: The guest never reported \(stage boot\)/);
  assert.equal(daemon.vms.length, 0);
  const kept = await ignite(['run', '--keep-failed', 'alpine', 'true'], { daemon });
  assert.equal(kept.code, 125);
  assert.equal(daemon.vms.length, 1);
});

test('exec forwards stdin, gives the code, and is silent otherwise (rules 5, 13, 18)', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  daemon.guest = async (side) => {
    await side.write('stdout', (await side.stdin).toString('utf8').toUpperCase());
    side.exit({ code: 3, oom: false });
  };
  const { code, stdout, stderr } = await ignite(['exec', 'web', 'tee', '/x'], { daemon, stdin: 'hello' });
  assert.deepEqual({ code, stdout, stderr }, { code: 3, stdout: 'HELLO', stderr: '' });
});

test('ps and rm', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  const listed = await ignite(['ps'], { daemon });
  assert.match(
    listed.stdout,
    /^VM ID +IMAGE +KERNEL +SIZE +CPUS +MEMORY +CREATED +STATUS +IPS +PORTS +NAME\n.* Up 60m .* web\n$/,
  );
  const refused = await ignite(['rm', 'web'], { daemon });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is running/);
  const removed = await ignite(['rm', '-f', 'web'], { daemon });
  assert.equal(removed.code, 0);
  assert.match(removed.stdout, /^[0-9a-f]{16}\n$/);
});
