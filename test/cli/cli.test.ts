import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { encodeLog } from '@ignite/api/frames';
import { packDirectory } from '@ignite/archive';
import { OPEN_KIND } from '@ignite/protocol';
import { errorBody, fakeVm, runningVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';
import { scratch } from './scratch.ts';

const START = 'POST /v1/vms/[^/]+/start';

test('CLI-G03: rule 18: usage errors print usage on stderr, and are 125 in run and exec', async () => {
  const wrong = await ignite(['ps', '--nope']);
  assert.equal(wrong.code, 1);
  assert.equal(wrong.stdout, '');
  assert.equal(
    wrong.stderr,
    `Error: --nope is no option of ignite ps

Usage: ignite ps [OPTIONS]

\`ignite help ps\` lists its options, with examples.
`,
  );
  assert.equal((await ignite(['run'])).code, 125);
  assert.equal((await ignite(['exec', 'x'])).code, 125);
  assert.equal((await ignite(['nope'])).code, 1);
});

test('CLI-G04: rule 18: 127 and 126 of exec, 128+n for a signal', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  daemon.guest = (side) => side.reset('not-found', 'no such file');
  const missing = await ignite(['exec', 'web', 'nope'], { daemon });
  assert.equal(missing.code, 127);
  assert.match(missing.stderr, /The guest has no command nope/);
  daemon.guest = (side) => side.reset('not-executable', 'permission denied');
  assert.equal((await ignite(['exec', 'web', 'nope'], { daemon })).code, 126);
  daemon.guest = (side) => side.exit({ signal: 9, oom: false });
  assert.equal((await ignite(['exec', 'web', 'x'], { daemon })).code, 137);
});

test('rule 18: an error before the stream is open is 125, and a missing VM is told', async () => {
  await using daemon = await startFakeDaemon();
  const { code, stderr } = await ignite(['exec', 'web', 'ls'], { daemon });
  assert.equal(code, 125);
  assert.match(stderr, /^Error: There is no VM "web"\nHint: /);
});

test('CLI-G04: errors show causes, stage and the console’s last lines, escaped', async () => {
  await using daemon = await startFakeDaemon();
  const details = { console: ['\u001b[31mpanic\u001b[0m\u0007'] };
  daemon.failures.set(
    START,
    errorBody('guest/unreachable', 'The guest never reported', {
      stage: 'boot',
      causes: ['it hangs'],
      details,
    }),
  );
  const { stderr } = await ignite(['run', '-d', 'alpine'], { daemon });
  assert.match(
    stderr,
    /Error: The guest never reported \(stage boot\)\n {2}because: it hangs\nLast lines of the console:\n {2}panic\\x07\n/,
  );
});

test('OUT-08, OUT-09, OUT-10, OUT-11, BUG-11: rule 11: again is no error', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('on'), fakeVm('off', { status: { state: 'stopped' } }));
  const started = await ignite(['start', 'on'], { daemon });
  assert.deepEqual([started.code, started.stdout], [0, `${daemon.vms[0]?.metadata.uid}\n`]);
  assert.match(started.stderr, /Already running/);
  for (const verb of ['stop', 'kill']) {
    const again = await ignite([verb, 'off'], { daemon });
    assert.deepEqual([again.code, again.stdout], [0, `${daemon.vms[1]?.metadata.uid}\n`], verb);
    assert.match(again.stderr, /Not running/);
  }
  const gone = await ignite(['rm', '-f', 'nobody'], { daemon });
  assert.deepEqual([gone.code, gone.stdout], [0, '']);
  assert.match(gone.stderr, /There is no VM "nobody"/);
  assert.equal((await ignite(['rm', '-f'], { daemon })).code, 0);
});

test('BUG-33: rule 11: of several objects each is tried, failures are listed, exit 1', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(fakeVm('a'), fakeVm('c'));
  const { code, stdout, stderr } = await ignite(['rm', 'a', 'b', 'c'], { daemon });
  assert.equal(code, 1);
  assert.equal(stdout.trim().split('\n').length, 2);
  assert.match(stderr, /There is no VM "b"/);
  assert.equal(daemon.vms.length, 0);
});

test('rule 11: rm -f of a VM that is named twice removes it once', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(fakeVm('a'));
  const uid = daemon.vms[0]?.metadata.uid ?? '';
  const { code, stdout } = await ignite(['rm', '-f', 'a', uid, 'a'], { daemon });
  assert.deepEqual([code, stdout], [0, `${uid}\n`]);
});

test('CLI-G11: rule 10: kill and rm take no beginning of a name, and an empty word matches nothing', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('webserver'));
  for (const verb of ['kill', 'rm']) {
    const { code, stderr } = await ignite([verb, 'web'], { daemon });
    assert.equal(code, 1);
    assert.match(stderr, /the whole name "webserver" is needed/);
    assert.equal((await ignite([verb, ''], { daemon })).code, 1);
  }
  assert.equal(daemon.vms.length, 1);
  const uid = daemon.vms[0]?.metadata.uid ?? '';
  assert.equal((await ignite(['rm', '-f', uid.slice(0, 15)], { daemon })).code, 0);
});

test('CLI-G02, CLI-G05, CLI-G14: rule 12, BUG-03: one UID a line on stdout, sentences on stderr, which -q drops', async () => {
  await using daemon = await startFakeDaemon();
  const made = await ignite(['create', '--name', 'a', 'alpine'], { daemon });
  const uid = daemon.vms[0]?.metadata.uid;
  assert.equal(made.stdout, `${uid}\n`);
  assert.equal(made.stderr, `Created VM with ID "${uid}" and name "a"\n`);
  for (const argv of [
    ['start', 'a'],
    ['stop', 'a'],
    ['start', 'a'],
    ['kill', 'a'],
    ['rm', 'a'],
  ]) {
    const { code, stdout, stderr } = await ignite(['-q', ...argv], { daemon });
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${uid}\n`, stderr: '' }, argv.join(' '));
  }
});

test('PS-01: rule 14, OUT-22: -q prints UIDs and newlines, nothing else', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('a'), fakeVm('b'));
  const uids = daemon.vms.map((vm) => vm.metadata.uid);
  assert.equal((await ignite(['ps', '-q'], { daemon })).stdout, `${uids[0]}\n`);
  assert.equal((await ignite(['ps', '-aq'], { daemon })).stdout, `${uids.join('\n')}\n`);
  assert.equal((await ignite(['vm', '-q'], { daemon })).stdout, `${uids.join('\n')}\n`);
});

test('rule 14: --format, -t, -o and filters', async () => {
  await using daemon = await startFakeDaemon();
  const web = runningVm('web', { status: { network: { plugin: 'bridge', ipAddresses: ['10.62.0.2'] } } });
  daemon.vms.push({ ...web, metadata: { ...web.metadata, labels: { cluster: 'x' } } }, runningVm('db'));
  const out = async (...argv: string[]) => (await ignite(['ps', ...argv], { daemon })).stdout;
  assert.equal(await out('--format', '{{.Names}} {{.Status}}'), 'web Up 60m\ndb Up 60m\n');
  assert.equal(await out('--format', 'table {{.Names}}\\t{{.IPs}}'), 'NAMES   IPS\nweb     10.62.0.2\ndb\n');
  assert.equal(JSON.parse((await out('--format', 'json')).split('\n')[0] ?? '').Names, 'web');
  assert.equal(JSON.parse(await out('-o', 'json'))[1].metadata.name, 'db');
  assert.match(await out('-o', 'yaml'), /name: web/);
  assert.equal(await out('-f', 'name=d', '--format', '{{.Names}}'), 'db\n');
  assert.equal(await out('-f', 'label=cluster=x', '--format', '{{.Names}}'), 'web\n');
  assert.equal(await out('-f', 'status=stopped', '-q'), '');
});

test('EXT-02: the templates and filters of KubeFire', async () => {
  await using daemon = await startFakeDaemon();
  const web = runningVm('web', {
    status: {
      network: { plugin: 'cni', ipAddresses: ['10.0.0.1', '10.0.0.2'] },
      image: { id: 'oci://docker.io/library/alpine@sha256:aa', size: '5MB' },
    },
  });
  daemon.vms.push({ ...web, metadata: { ...web.metadata, labels: { cluster: 'x' } } }, runningVm('prefix-1'));
  const fields = [
    '.ObjectMeta.Labels.cluster',
    '.Spec.CPUs',
    '.Spec.Memory',
    '.Spec.DiskSize',
    '.Status.Running',
    '.Status.Network.IPAddresses',
    '.Status.Image.ID',
  ];
  const asked = await ignite(
    ['ps', '--all', '-f', '{{.ObjectMeta.Name}}=web', ...fields.flatMap((field) => ['-t', `{{${field}}}`])],
    { daemon },
  );
  assert.equal(
    asked.stdout,
    'x\n1\n512.0 MB\n4.0 GB\ntrue\n10.0.0.1, 10.0.0.2\ndocker.io/library/alpine@sha256:aa\n',
  );
  assert.equal(
    (await ignite(['ps', '-q', '-f', '{{.ObjectMeta.Name}}=~prefix-,{{.Spec.CPUs}}==1'], { daemon })).stdout,
    `${daemon.vms[1]?.metadata.uid}\n`,
  );
  assert.match((await ignite(['ps', '-f', '{{.Name}}'], { daemon })).stderr, /The filter .* is none/);
});

test('guest text is escaped in tables', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('x', { status: { detail: '\u001b[2Jagent lost' } }));
  assert.match((await ignite(['ps'], { daemon })).stdout, /\\x1b\[2Jagent lost/);
});

test('OUT-17, INS-01: rule 15: inspect KIND OBJ prints one object, inspect OBJ… an array', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(
    runningVm('web', { status: { network: { plugin: 'bridge', ipAddresses: ['10.62.0.2'] } } }),
  );
  assert.equal(JSON.parse((await ignite(['inspect', 'VM', 'web'], { daemon })).stdout).metadata.name, 'web');
  assert.equal(JSON.parse((await ignite(['inspect', 'web'], { daemon })).stdout)[0].metadata.name, 'web');
  assert.equal(
    (await ignite(['inspect', '-f', '{{index .status.network.ipAddresses 0}}', 'web'], { daemon })).stdout,
    '10.62.0.2\n',
  );
  assert.equal(
    (await ignite(['inspect', '-t', '{{.Spec.Memory}}', 'vm', 'web'], { daemon })).stdout,
    '512.0 MB\n',
  );
  const partly = await ignite(['inspect', 'web', 'nobody'], { daemon });
  assert.deepEqual([partly.code, JSON.parse(partly.stdout).length], [1, 1]);
  assert.match(partly.stderr, /There is no VM, image, kernel, volume or network "nobody"/);
});

test('LOG-01, OUT-13: rule 16: logs keep the streams apart; -t stamps each line once', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(fakeVm('web', { status: { state: 'stopped' } }));
  const piece = (stream: 1 | 2, text: string) =>
    encodeLog({ stream, time: 1_000_000_000n, bytes: Buffer.from(text) });
  daemon.logs = [piece(1, 'one\ntw'), piece(2, 'err\n'), piece(1, 'o\n')];
  const plain = await ignite(['logs', '--tail', '5', '--since', '10m', 'web'], { daemon });
  assert.deepEqual([plain.code, plain.stdout, plain.stderr], [0, 'one\ntwo\n', 'err\n']);
  const query = daemon.requests.at(-1)?.query;
  assert.deepEqual([query?.get('tail'), query?.get('since')], ['5', '2026-11-20T11:50:00.000Z']);
  const stamped = await ignite(['logs', '-t', 'web'], { daemon });
  assert.equal(stamped.stdout, '1970-01-01T00:00:01.000000000Z one\n1970-01-01T00:00:01.000000000Z two\n');
});

test('ATT-03, OUT-12, BUG-26: rule 16: attach says how to get a shell, then how to leave', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  daemon.guest = async (side) => {
    await side.write('stdout', 'hi\n');
    side.exit({ code: 0, oom: false });
  };
  const { code, stdout, stderr } = await ignite(['attach', 'web'], { daemon });
  assert.deepEqual(
    [code, stdout, stderr],
    [0, 'hi\n', 'For a shell: ignite exec -it web sh\nTo leave: ^P^Q\n'],
  );
});

test('rule 5: run needs -i for stdin', async () => {
  await using daemon = await startFakeDaemon();
  daemon.guest = async (side) => {
    await side.write('stdout', await side.stdin);
    side.exit({ code: 0, oom: false });
  };
  assert.equal((await ignite(['run', '-q', 'alpine', 'cat'], { daemon, stdin: 'x' })).stdout, '');
  assert.equal(
    (await ignite(['run', '-q', '-i', '--name', 'b', 'alpine', 'cat'], { daemon, stdin: 'x' })).stdout,
    'x',
  );
});

test('rule 4: a machine is left running and its UID printed; -i attaches to its console', async () => {
  await using daemon = await startFakeDaemon();
  daemon.mode = 'system';
  const { code, stdout } = await ignite(['run', '-q', '--ssh', '--name', 'm', 'debian'], { daemon });
  assert.deepEqual([code, stdout], [0, `${daemon.vms[0]?.metadata.uid}\n`]);
  assert.equal(daemon.requests.find((request) => request.path.endsWith('/start'))?.json?.['wait'], 'ssh');
  daemon.guest = (side) => side.exit({ code: side.open.kind === OPEN_KIND.CONSOLE ? 5 : 6, oom: false });
  assert.equal((await ignite(['run', '-q', '-i', '--name', 'n', 'debian'], { daemon })).code, 5);
});

test('64 MiB to a slow reader arrive whole, and little is held on the way', async () => {
  await using daemon = await startFakeDaemon();
  const piece = Buffer.alloc(1 << 20, 'abcdefgh');
  let sent = 0;
  let most = 0;
  let got = 0;
  daemon.guest = async (side) => {
    for (let count = 0; count < 64; count++) {
      await side.write('stdout', piece);
      sent += piece.length;
    }
    side.exit({ code: 0, oom: false });
  };
  const stdout = new Writable({
    highWaterMark: 1 << 16,
    write(bytes, _encoding, done) {
      got += bytes.length;
      most = Math.max(most, sent - got);
      setImmediate(done);
    },
  });
  const { code } = await ignite(['run', '-q', 'alpine', 'cat', 'big'], { daemon, stdout });
  assert.deepEqual([code, got], [0, 64 << 20]);
  assert.ok(most < 4 << 20, `${most} bytes were under way`);
});

test('progress is plain lines off a terminal and a table on one', async () => {
  await using daemon = await startFakeDaemon();
  daemon.progress = [
    { kind: 'stage', name: 'pull' },
    { kind: 'note', text: 'Pulling alpine' },
    { kind: 'bytes', id: 'l1', label: 'layer ab12', done: 1 << 20, total: 2 << 20 },
    { kind: 'bytes', id: 'l1', label: 'layer ab12', done: 2 << 20, total: 2 << 20 },
  ];
  const plain = await ignite(['create', '--name', 'a', 'alpine'], { daemon });
  assert.match(plain.stderr, /^Pulling alpine\nlayer ab12: 2\.0 MB\nCreated VM/);
  const drawn = await ignite(['create', '--name', 'b', 'alpine'], { daemon, terminal: true });
  assert.match(drawn.stderr, /layer ab12 {2}\[=+ *\] 1024\.0 KB|layer ab12 {2}\[=+\] 2\.0 MB \/ 2\.0 MB/);
  assert.ok(drawn.stderr.includes('\u001b[1A\u001b[J'));
});

test('an archive that cannot be opened, or not be read, is told with its name', async () => {
  await using daemon = await startFakeDaemon();
  for (const path of [daemon.socketPath, '/proc/self/mem']) {
    const { code, stderr } = await ignite(['load', path], { daemon });
    assert.equal(code, 1);
    assert.ok(stderr.startsWith(`Error: The file ${path} cannot be read\n`), stderr);
  }
});

test('a load of a folder is sent as a tar', async () => {
  await using daemon = await startFakeDaemon();
  await using folder = await scratch();
  await writeFile(join(folder.path, 'oci-layout'), '{}');
  assert.equal((await ignite(['load', folder.path, '--reference', 'x:1'], { daemon })).code, 0);
  const sent = daemon.requests.at(-1);
  assert.equal(sent?.query.get('reference'), 'x:1');
  const expected: Buffer[] = [];
  for await (const piece of packDirectory(folder.path, { signal: new AbortController().signal, name: '' }))
    expected.push(Buffer.from(piece));
  assert.ok(sent?.body.equals(Buffer.concat(expected)));
});
