// What completion offers at each place of a command line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandTree } from '../../packages/cli/src/commands/index.ts';
import {
  fakeImage,
  fakeKernel,
  fakeNetwork,
  fakeVm,
  fakeVolume,
  runningVm,
  startFakeDaemon,
} from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

test('completion asks the daemon for names, and says nothing without one', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'), fakeVm('work'));
  const complete = async (...words: string[]) =>
    (await ignite(['__complete', '--', ...words], { daemon })).stdout.split('\n').filter((one) => one !== '');
  assert.deepEqual(await complete('stop', 'w'), ['web', 'work']);
  assert.deepEqual(await complete('sto'), ['stop']);
  assert.deepEqual(await complete('image', 'im'), ['import']);
  assert.deepEqual(await complete('run', '--boo'), ['--boot']);
  assert.deepEqual(await complete('run', '--boot', ''), ['app', 'auto', 'system']);
  assert.deepEqual(await complete('run', '--env-file', ''), [':file']);
  assert.deepEqual((await ignite(['__complete', '--', 'stop', ''])).stdout, '');
});

test('completion knows values from operands, values behind =, and the kind that inspect was given', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  daemon.images.push(fakeImage('web-image:1'));
  const complete = async (...words: string[]) =>
    (await ignite(['__complete', '--', ...words], { daemon })).stdout.split('\n').filter((one) => one !== '');
  assert.deepEqual(await complete('exec', '-u', 'root', '-w', '/', ''), ['web']);
  assert.deepEqual(await complete('run', '--name', 'a', '--cpus', '2', '-m', '1GB', '-it', ''), [
    'web-image:1',
  ]);
  assert.deepEqual(await complete('--log-level', 'error', 'stop', ''), ['web']);
  assert.deepEqual(await complete('run', '--boot=a'), ['--boot=app', '--boot=auto']);
  assert.deepEqual(await complete('run', '--env-file='), [':file']);
  assert.deepEqual(await complete('inspect', 'vm', ''), ['web']);
  assert.deepEqual(await complete('inspect', 'image', 'w'), ['web-image:1']);
  assert.deepEqual(await complete('inspect', 'w'), ['web', 'web-image:1']);
  assert.deepEqual(await complete('--ho'), ['--host']);
  assert.deepEqual(await complete('cp', 'w'), [':file', 'web']);
  assert.deepEqual(await complete('cp', 'web:/e'), []);
});

test('every operand and every flag that names something offers what there is', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  daemon.images.push(fakeImage('img:1'));
  daemon.kernels.push(fakeKernel('krn:1'));
  daemon.volumes.push(fakeVolume('vol'));
  daemon.networks.push(fakeNetwork('net'));
  daemon.sources.push('git:lab');
  const complete = async (line: string) =>
    (await ignite(['__complete', '--', ...line.split(' ')], { daemon })).stdout
      .trimEnd()
      .split('\n')
      .join(' ');
  const table: readonly (readonly [line: string, candidates: string])[] = [
    ['gitops status ', 'git:lab'],
    ['gitops approve ', 'git:lab'],
    ['gitops sync ', 'git:lab'],
    ['completion ', 'bash fish zsh'],
    ['inspect ', 'image img:1 kernel krn:1 net network vm vol volume web'],
    ['get ', 'image img:1 kernel krn:1 vm web'],
    ['image import ', 'img:1'],
    ['rmi ', 'img:1'],
    ['rmk ', 'krn:1'],
    ['network rm ', 'net'],
    ['volume rm ', 'vol'],
    ['run --kernel ', 'krn:1'],
    ['run --network ', 'bridge cni docker-bridge net none user'],
    ['run --restart ', 'always no on-failure unless-stopped'],
    ['update web --restart u', 'unless-stopped'],
    ['run --vmm ', 'cloud-hypervisor firecracker qemu'],
    ['run --runtime ', 'containerd docker process'],
    ['run --network-plugin ', 'bridge cni docker-bridge user'],
    ['run --pull ', 'always missing never'],
    ['run --policy ', 'isolated lan none public'],
    ['run --accel ', 'kvm tcg'],
    ['run -v v', 'vol'],
    ['run --ssh=', ':file'],
    ['run -f ', ':file'],
    ['stop -s H', 'HUP'],
    ['kill --signal K', 'KILL'],
    ['ps --format ', 'json table'],
    ['stats --format ', 'json table'],
    // beyond the last operand that names something
    ['attach web ', ''],
    ['port web ', ''],
    ['rename web ', ''],
    ['volume resize vol ', ''],
  ];
  for (const [line, candidates] of table) assert.equal(await complete(line), candidates, line);
});

test('whatever a flag says it takes one of is what completion offers', async () => {
  for (const command of commandTree.commands)
    for (const { long, choices } of command.flags) {
      if (choices === undefined) continue;
      const { stdout } = await ignite(['__complete', '--', ...command.path, `--${long}`, '']);
      assert.deepEqual(
        stdout.trimEnd().split('\n'),
        [...new Set(choices)].sort(),
        `${command.path.join(' ')} --${long}`,
      );
    }
});
