// What the original's verbs print and how they end. Rows carry the ids of docs/parity.md.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeLog } from '@ignite/api/frames';
import { errorBody, fakeImage, fakeKernel, fakeVm, runningVm, startFakeDaemon } from '../fake-daemon.ts';
import { ignite } from '../run-in-process.ts';
import { scratch } from '../scratch.ts';

test('CLI-F02: a level above info drops sentences, never errors or data', async () => {
  await using daemon = await startFakeDaemon();
  const vm = runningVm('a');
  daemon.vms.push(vm);
  const said = await ignite(['--log-level', 'debug', 'stop', 'a'], { daemon });
  assert.match(said.stderr, /^Stopped VM/);
  const less = await ignite(['--log-level', 'error', 'stop', 'a'], { daemon });
  assert.deepEqual([less.stdout, less.stderr], [`${vm.metadata.uid}\n`, '']);
  assert.match(
    (await ignite(['--log-level', 'panic', 'stop', 'b'], { daemon })).stderr,
    /There is no VM "b"/,
  );
});

test('CLI-F01, CFG-02, CFG-05, CLI-C04: --ignite-config is read for this command; one that is not there is an error', async () => {
  await using daemon = await startFakeDaemon();
  await using folder = await scratch();
  await writeFile(
    join(folder.path, 'c.yaml'),
    'apiVersion: ignite.weave.works/v1alpha4\nkind: Configuration\nmetadata: {name: c}\nspec: {runtime: docker, networkPlugin: docker-bridge, idPrefix: mine, vmDefaults: {memory: 2GB}}\n',
  );
  const made = await ignite(['--ignite-config', 'c.yaml', 'create', 'alpine'], { daemon, cwd: folder.path });
  assert.equal(made.code, 0, made.stderr);
  const sent = daemon.requests.findLast(({ method, path }) => method === 'POST' && path === '/v1/vms')?.json;
  assert.deepEqual(
    [sent?.['idPrefix'], sent?.['spec']],
    [
      'mine',
      { runtime: 'docker', network: { mode: 'docker-bridge' }, memory: '2GB', image: { oci: 'alpine' } },
    ],
  );
  const flags = [
    '--id-prefix',
    'flag',
    '--memory',
    '1GB',
    '--runtime',
    'process',
    '--network-plugin',
    'bridge',
  ];
  await ignite(['--ignite-config', 'c.yaml', 'create', ...flags, 'alpine'], { daemon, cwd: folder.path });
  const flag = daemon.requests.findLast(({ method, path }) => method === 'POST' && path === '/v1/vms')?.json;
  assert.deepEqual(
    [flag?.['idPrefix'], flag?.['spec']],
    ['flag', { runtime: 'process', network: { mode: 'bridge' }, memory: '1GB', image: { oci: 'alpine' } }],
  );
  const missing = await ignite(['--ignite-config', 'no.yaml', 'create', 'alpine'], {
    daemon,
    cwd: folder.path,
  });
  assert.notEqual(missing.code, 0);
});

test('OUT-01, OUT-02, CLI-O01: import prints the UID, the sentence of the original on stderr', async () => {
  await using daemon = await startFakeDaemon();
  const [image, kernel] = [fakeImage('u:1'), fakeKernel('k:1')];
  daemon.images.push(image);
  daemon.kernels.push(kernel);
  const imported = await ignite(['image', 'import', 'u:1'], { daemon });
  assert.equal(imported.stdout, `${image.metadata.uid}\n`);
  assert.match(imported.stderr, /Created image with ID "[0-9a-z]{16}" and name "u:1"\n$/);
  const other = await ignite(['kernel', 'import', 'k:1'], { daemon });
  assert.equal(other.stdout, `${kernel.metadata.uid}\n`);
  assert.match(other.stderr, /Created kernel with ID "[0-9a-z]{16}" and name "k:1"\n$/);
});

test('OUT-05, RMI-03: rmi and rmk print the UID of each, -q or not; what uses it is named', async () => {
  await using daemon = await startFakeDaemon();
  const [image, kernel] = [fakeImage('u:1'), fakeKernel('k:1')];
  daemon.images.push(image);
  daemon.kernels.push(kernel);
  for (const quiet of [[], ['-q']]) {
    assert.equal((await ignite([...quiet, 'rmi', 'u:1'], { daemon })).stdout, `${image.metadata.uid}\n`);
    assert.equal((await ignite([...quiet, 'rmk', 'k:1'], { daemon })).stdout, `${kernel.metadata.uid}\n`);
  }
  daemon.failures.set('DELETE /v1/images/.*', errorBody('image/in-use', 'u:1 is in use by web'));
  const used = await ignite(['rmi', 'u:1', 'none'], { daemon });
  assert.equal(used.code, 1);
  assert.match(used.stderr, /u:1 is in use by web[^]*There is no image "none"/);
});

test('OUT-06: create prints the sentence at the end and the UID; what fails leaves an error alone', async () => {
  await using daemon = await startFakeDaemon();
  daemon.progress = [{ kind: 'note', text: 'A disk of 1024.0 MB does not hold the image: it has 2.0 GB' }];
  const made = await ignite(['create', '--name', 'a', '--size', '1GB', 'alpine'], { daemon });
  assert.match(made.stderr, /does not hold the image[^]*Created VM with ID "[0-9a-z]{16}" and name "a"\n$/);
  daemon.progress = [];
  const again = await ignite(['create', '--name', 'a', 'alpine'], { daemon });
  assert.deepEqual([again.code, again.stdout], [1, '']);
  assert.match(again.stderr, /^Error: A VM called a exists/);
});

test('OUT-07: run says that the VM is made and started; a failing start removes it and says why', async () => {
  await using daemon = await startFakeDaemon();
  const { code, stdout, stderr } = await ignite(['run', '-d', '--name', 'a', 'alpine'], { daemon });
  assert.deepEqual([code, stdout], [0, `${daemon.vms[0]?.metadata.uid}\n`]);
  assert.match(stderr, /^Created VM with ID "[0-9a-z]{16}" and name "a"$/m);
});

test('OUT-11, RM-01: rm refuses what runs, -f ends it first', async () => {
  await using daemon = await startFakeDaemon();
  const vm = runningVm('a');
  daemon.vms.push(vm);
  const refused = await ignite(['rm', 'a'], { daemon });
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /The VM a is running/);
  const removed = await ignite(['rm', '-f', 'a'], { daemon });
  assert.equal(removed.stdout, `${vm.metadata.uid}\n`);
  assert.match(removed.stderr, /^Removed VM with name "a" and ID/);
  for (const words of [['rm'], ['rm', 'a', '--config', 'x']])
    assert.equal((await ignite(words, { daemon })).code, 1);
});

test('CLI-O04, CLI-22: rm -f $(ignite ps -aq), with VMs and with none', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('a'), fakeVm('b'));
  const uids = (await ignite(['ps', '-aq'], { daemon })).stdout.trim().split('\n');
  assert.equal((await ignite(['rm', '-f', ...uids], { daemon })).code, 0);
  assert.equal((await ignite(['ps', '-aq'], { daemon })).stdout, '');
  assert.deepEqual(await ignite(['rm', '-f'], { daemon }), { code: 0, stdout: '', stderr: '' });
});

test('STP-04, CLI-O06: stop -f and kill end it at once', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('a'), runningVm('b'));
  await ignite(['stop', '-f', 'a'], { daemon });
  assert.match(daemon.requests.at(-1)?.path ?? '', /\/kill$/);
  await ignite(['kill', 'b'], { daemon });
  assert.match(daemon.requests.at(-1)?.path ?? '', /\/kill$/);
  assert.ok(daemon.vms.every((vm) => !vm.status.running));
});

test('EXE-02, EXE-03, CLI-O12: exec forwards stdin and waits as long as --timeout says', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('a'));
  daemon.guest = async (side) => {
    await side.write('stdout', await side.stdin);
    side.exit({ code: 3, oom: false });
  };
  const { code, stdout, stderr } = await ignite(['exec', 'a', 'tee', 'x'], { daemon, stdin: 'in' });
  assert.deepEqual([code, stdout, stderr], [3, 'in', '']);
  await ignite(['exec', '--timeout', '5', 'a', 'true'], { daemon });
  assert.equal(
    daemon.requests.findLast(({ method }) => method === 'UPGRADE')?.query.get('timeoutSeconds'),
    '5',
  );
});

test('CFG-06, CFG-07, REG-02: --registry-config-dir is for one command, and a folder without credentials is an error', async () => {
  await using daemon = await startFakeDaemon();
  await using folder = await scratch();
  daemon.images.push(fakeImage('reg.example/u:1'));
  const auth = Buffer.from('joe:secret').toString('base64');
  await writeFile(join(folder.path, 'config.json'), JSON.stringify({ auths: { 'reg.example': { auth } } }));
  const imported = await ignite(['image', 'import', '--registry-config-dir', '.', 'reg.example/u:1'], {
    daemon,
    cwd: folder.path,
  });
  assert.equal(imported.code, 0, imported.stderr);
  assert.deepEqual(daemon.requests.at(-1)?.json?.['credentials'], [
    { registry: 'reg.example', username: 'joe', password: 'secret' },
  ]);
  const without = await ignite(['image', 'import', '--registry-config-dir', 'none', 'reg.example/u:1'], {
    daemon,
    cwd: folder.path,
  });
  assert.equal(without.code, 1);
  await writeFile(
    join(folder.path, 'c.yaml'),
    `apiVersion: ignite.vm/v1beta1\nkind: Configuration\nspec: {registryConfigDir: ${folder.path}}\n`,
  );
  await ignite(['--ignite-config', 'c.yaml', 'create', 'reg.example/u:1'], { daemon, cwd: folder.path });
  const sent = daemon.requests.findLast(({ method, path }) => method === 'POST' && path === '/v1/vms')?.json;
  assert.equal(JSON.stringify(sent?.['credentials']).includes('joe'), true);
});

test('BEY-03, BEY-04: what users of the original asked for', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('a'), runningVm('b'));
  assert.equal((await ignite(['ps', '-o', 'json'], { daemon })).code, 0);
  assert.equal(JSON.parse((await ignite(['inspect', 'a', 'b'], { daemon })).stdout).length, 2);
  assert.equal((await ignite(['start', 'a', 'b'], { daemon })).code, 0);
  assert.equal((await ignite(['vm', 'exec', 'a', 'true'], { daemon })).code, 0);
  assert.equal((await ignite(['wait', 'a'], { daemon })).stdout, '0\n');
  await ignite(['create', '--name', 'c', '-e', 'A=1', '--ip', '10.62.0.7', '-v', 'd:/d:ro', 'alpine'], {
    daemon,
  });
  const spec = daemon.requests.findLast(({ path }) => path === '/v1/vms')?.json?.['spec'];
  assert.deepEqual(spec, {
    image: { oci: 'alpine' },
    env: ['A=1'],
    network: { ip: '10.62.0.7' },
    storage: {
      volumes: [{ name: 'volume0', volume: { name: 'd' } }],
      volumeMounts: [{ name: 'volume0', mountPath: '/d', readOnly: true }],
    },
  });
});

test('REG-05: the original’s variable lists registries that are spoken to without verified TLS', async () => {
  await using daemon = await startFakeDaemon();
  daemon.images.push(fakeImage('u:1'));
  const env = { IGNITE_CONTAINERD_INSECURE_REGISTRIES: 'a.example:5000, b.example' };
  await ignite(['image', 'import', 'u:1'], { daemon, env });
  assert.deepEqual(daemon.requests.at(-1)?.json?.['insecureRegistries'], ['a.example:5000', 'b.example']);
});

test('REG-09: a start asks for no image, and so for no credentials', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(fakeVm('a', { status: { state: 'stopped' } }));
  await ignite(['start', 'a'], { daemon });
  const start = daemon.requests.find(({ path }) => path.endsWith('/start'));
  assert.deepEqual(Object.keys(start?.json ?? {}).toSorted(), ['ignoreHeldPorts', 'timeoutSeconds', 'wait']);
});

test('BUG-18, LOG-02: a log of 4 MiB is printed whole', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(fakeVm('a', { status: { state: 'stopped' } }));
  const bytes = Buffer.alloc(32 << 10, 'log\n');
  daemon.logs = Array.from({ length: 128 }, () => encodeLog({ stream: 1, time: 1n, bytes }));
  const { code, stdout } = await ignite(['logs', 'a'], { daemon });
  assert.deepEqual([code, stdout.length], [0, 4 << 20]);
});

test('CLI-S03: --ignore-preflight-checks passes over ports that are held, by type or with all, in any case', async () => {
  const sent = async (...words: readonly string[]) => {
    await using daemon = await startFakeDaemon();
    daemon.vms.push(fakeVm('web'));
    await ignite(['start', ...words, 'web'], { daemon });
    return daemon.requests.find(({ path }) => path.endsWith('/start'))?.json?.['ignoreHeldPorts'];
  };
  assert.equal(await sent(), false);
  assert.equal(await sent('--ignore-preflight-checks=BinaryInPath,ExistingFile'), false);
  for (const types of ['Port', 'binaryinpath,port', 'ALL'])
    assert.equal(await sent(`--ignore-preflight-checks=${types}`), true, types);
});
