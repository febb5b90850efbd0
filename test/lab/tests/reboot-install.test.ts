// First boot: the daemon under systemd, by its socket; VMs below ignite-vms.service, which neither a restart nor a signal
// of the daemon touches; their limits and figures by cgroup v2.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { igniteOk } from './ignite.ts';
import {
  eventually,
  FACTS,
  host,
  IMAGE,
  look,
  PORT,
  servedPage,
  untilAnswers,
  VMS,
  vmms,
} from './reboot-world.ts';

const LEAN = ['--memory', '192M', '--cpus', '1', '--accel', 'kvm'];
const MAIN_PID = ['show', '--property=MainPID', '--value', 'ignited.service'] as const;

test('the units are enabled and the daemon runs; after its end the socket starts it again', async () => {
  assert.equal(await host('systemctl', 'is-active', 'ignited.socket', 'ignited.service'), 'active\nactive');
  assert.equal(
    await host('systemctl', 'is-enabled', 'ignited.socket', 'ignited.service'),
    'enabled\nenabled',
  );
  const before = await host('systemctl', ...MAIN_PID);
  await igniteOk(['system', 'stop']);
  await eventually(
    () => host('systemctl', ...MAIN_PID),
    (pid) => pid === '0',
  );
  await untilAnswers();
  const after = await host('systemctl', ...MAIN_PID);
  assert.ok(Number(after) > 0 && after !== before);
  const status = JSON.parse(await igniteOk(['system', 'status', '-o', 'json']));
  assert.equal(String(status.pid), after);
  assert.match(await host('stat', '-c', '%a %G', '/run/ignite/ignited.sock'), /^660 ignite$/);
});

test('VMs of each policy run, below the unit for VMs', async () => {
  await igniteOk(['volume', 'create', 'data', '--size', '64M']);
  const serve = ['sh', '-c', 'echo begun; exec httpd -f -p 80 -h /data'];
  const publish = ['-v', 'data:/data', '-p', `${PORT}:80`];
  await igniteOk([
    'run',
    '-d',
    '--name',
    'keeper',
    '--restart',
    VMS.keeper,
    ...publish,
    ...LEAN,
    IMAGE,
    ...serve,
  ]);
  for (const name of ['steady', 'held', 'once'] as const) {
    const policy = ['--restart', VMS[name]];
    await igniteOk([
      'run',
      '-d',
      '--name',
      name,
      ...policy,
      ...LEAN,
      IMAGE,
      'sh',
      '-c',
      'exec sleep 1000000',
    ]);
    if (name === 'held') await igniteOk(['stop', '-t', '1', name]);
  }
  await igniteOk([
    'exec',
    'keeper',
    'sh',
    '-c',
    'echo page > /data/index.html; echo kept > /root/file; sync',
  ]);
  await eventually(servedPage, (page) => page === 'page');
  const pids = await vmms();
  assert.equal(pids.length, 3);
  for (const pid of pids)
    assert.match(
      await readFile(`/proc/${pid}/cgroup`, 'utf8'),
      /^0::\/system\.slice\/ignite-vms\.service\/ignite-[0-9a-f]{6}\/\d+$/m,
    );
});

test('systemctl restart, SIGTERM and SIGKILL of the daemon leave the VMs alone', async () => {
  const pids = await vmms();
  const ends = [
    () => host('systemctl', 'restart', 'ignited.service'),
    async () => host('kill', '-TERM', await host('systemctl', ...MAIN_PID)),
    async () => {
      await igniteOk(['ps']); // by its socket
      return host('kill', '-KILL', await host('systemctl', ...MAIN_PID));
    },
  ];
  for (const end of ends) {
    await end();
    await untilAnswers(); // an emulated host takes its time to start Node
    assert.equal(await igniteOk(['exec', 'keeper', 'cat', '/root/file']), 'kept');
    assert.deepEqual(await vmms(), pids);
    for (const name of ['keeper', 'steady', 'once']) assert.equal((await look(name)).state, 'running');
  }
});

test('limits and stats by cgroup v2: processor, memory, disk and network', async () => {
  const [pid = 0] = await vmms();
  const [, group = ''] = /^0::(.*)$/m.exec(await readFile(`/proc/${pid}/cgroup`, 'utf8')) ?? [];
  const read = async (name: string) => (await readFile(`/sys/fs/cgroup${group}/${name}`, 'utf8')).trim();
  assert.ok(Number(await read('memory.max')) > 192 << 20, await read('memory.max'));
  assert.match(await read('pids.max'), /^\d+$/);
  await igniteOk([
    'exec',
    'keeper',
    'sh',
    '-c',
    'dd if=/dev/zero of=/root/zeros bs=1M count=4 conv=fsync 2>/dev/null',
  ]);
  const line = await igniteOk(['stats', '--no-stream', '--format', 'json', 'keeper']);
  const docker = JSON.parse(line);
  assert.match(docker.CPUPerc, /^\d+\.\d+%$/);
  assert.match(docker.MemUsage, /^[1-9]/);
  assert.match(docker.NetIO, /^[1-9]/, 'the page went over the network');
  assert.match(docker.BlockIO, /[1-9].* \/ [1-9]/, line);
  assert.match(await igniteOk(['top', 'keeper']), /httpd/);
});

test('what has to survive is written down', async () => {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(VMS)) kept[name] = (await look(name)).kept;
  await writeFile(FACTS, JSON.stringify(kept));
  await host('sync');
});
