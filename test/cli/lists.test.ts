// What every list has: filters, formats, -q; and what is said of wrong ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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

const LISTS = ['ps', 'images', 'kernels', 'network ls', 'volume ls'] as const;

async function scene() {
  const daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'), fakeVm('off'));
  daemon.images.push(fakeImage('nginx:1'), fakeImage('me/nginx:2'));
  daemon.kernels.push(fakeKernel('krn:1'), fakeKernel('other:1'));
  daemon.networks.push(fakeNetwork('net'), fakeNetwork('lab'));
  daemon.volumes.push(fakeVolume('data'), fakeVolume('db'));
  const list = async (line: string) => await ignite(line.split(' '), { daemon });
  return { list, [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() };
}

test('every list has -q, --no-trunc, --format, -o and --filter', async () => {
  await using world = await scene();
  for (const name of LISTS) {
    for (const words of ['-q', '--no-trunc', '--format json', '--format {{.ID}}', '-o yaml', '-f name=zzz']) {
      const line = `${name} ${words}`.replace('images -f name=', 'images -f reference=');
      const { code, stderr } = await world.list(line);
      assert.deepEqual([code, stderr], [0, ''], line);
    }
    const [table, empty] = [await world.list(name), await world.list(`${name} --format=`)];
    assert.equal(empty.stdout, table.stdout, name);
  }
});

test('filters of each list', async () => {
  await using world = await scene();
  const table: readonly (readonly [line: string, names: string])[] = [
    ['images nginx --format {{.Name}}', 'nginx:1'],
    ['images nginx:2 --format {{.Name}}', ''],
    ['images */nginx --format {{.Name}}', 'me/nginx:2'],
    ['images -q -f dangling=true', ''],
    ['kernels -f name=oth --format {{.Name}}', 'other:1'],
    ['kernels -f reference=krn --format {{.Name}}', 'krn:1'],
    ['network ls -q -f name=la', 'lab'],
    ['network ls -q -f name=la -f name=ne', 'net lab'],
    ['network ls -q -f driver=overlay', ''],
    ['volume ls -q -f name=db', 'db'],
    ['volume ls -q -f driver=local', 'data db'],
    ['ps -f status=stopped --format {{.Names}}', 'off'],
    ['ps -f network=bridge --format {{.Names}}', 'web'],
  ];
  for (const [line, names] of table) {
    const { code, stdout, stderr } = await world.list(line);
    assert.deepEqual([code, stdout.trimEnd().split('\n').join(' '), stderr], [0, names, ''], line);
  }
});

test('a wrong filter or format is told with the right ones', async () => {
  await using world = await scene();
  const table: readonly (readonly [line: string, message: RegExp])[] = [
    ['ps -f status=wat', /status is one of created, starting, running, .*exited/],
    ['ps -f color=red', /write name=…, id=…/],
    ['images -f color=red', /write reference=PATTERN, label=NAME\[=VALUE\] or dangling=true\|false/],
    ['kernels -f x', /write reference=PATTERN, name=TEXT or version=TEXT/],
    ['network ls -f name=', /write name=TEXT, dangling=true\|false or driver=bridge/],
    [
      'volume ls -f dangling=maybe',
      /write name=TEXT, label=NAME\[=VALUE\], driver=local or dangling=true\|false/,
    ],
    ['ps --format jsn', /--format takes table, json or a template such as "\{\{\.Name\}\}", not "jsn"/],
    ['images --format yaml', /not "yaml"; -o yaml prints whole objects/],
  ];
  for (const [line, message] of table) {
    const { code, stdout, stderr } = await world.list(line);
    assert.deepEqual([code, stdout], [1, ''], line);
    assert.match(stderr, message, line);
  }
});
