// What the original's users see of objects: tables, templates, filters, printed forms. Rows carry the ids of
// docs/parity.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type FakeDaemon,
  fakeImage,
  fakeKernel,
  fakeVm,
  runningVm,
  startFakeDaemon,
} from '../fake-daemon.ts';
import { ignite } from '../run-in-process.ts';

/** A VM with something in each field that the original's templates name. */
function whole(name: string) {
  const vm = runningVm(name, {
    spec: {
      kernel: { oci: 'k:5', cmdLine: 'quiet' },
      sandbox: { oci: 'weaveworks/ignite:v0.10.0' },
      ssh: true,
      network: {
        mode: 'bridge',
        ports: [
          { hostPort: 8080, vmPort: 80, protocol: 'tcp' },
          { bindAddress: '127.0.0.1', hostPort: 53, vmPort: 53, protocol: 'udp' },
        ],
      },
      copyFiles: [{ hostPath: '/a', vmPath: '/b' }],
    },
    status: {
      runtime: { id: 'ignite-1', name: 'process' },
      network: { plugin: 'bridge', ipAddresses: ['10.62.0.2', '10.62.0.3'] },
      image: { id: 'oci://docker.io/library/alpine@sha256:aa', size: '275342KB' },
      kernel: { id: 'oci://k@sha256:bb', size: '5MB' },
      startTime: '2026-11-20T11:00:00Z',
    },
  });
  return { ...vm, metadata: { ...vm.metadata, labels: { a: 'b' } } };
}

async function withVm(look: (daemon: FakeDaemon, uid: string) => Promise<void>): Promise<void> {
  await using daemon = await startFakeDaemon();
  const vm = whole('web');
  daemon.vms.push(vm);
  await look(daemon, vm.metadata.uid);
}

const PORTS_IN_TURN = '<0.0.0.0:8080->80/tcp|8080><127.0.0.1:53->53/udp|53>';
const rendered: readonly (readonly [id: string, template: string, text: string])[] = [
  ['PS-09', '{{.ObjectMeta.Name}} {{.Name}}', 'web web'],
  ['PS-09', '{{.ObjectMeta.UID}}', 'UID'],
  ['PS-09, API-L01', '{{.Labels.a}} {{.ObjectMeta.Labels.a}}', 'b b'],
  ['PS-07', '{{.Labels}} {{.Labels.none}}', 'map[a:b] <no value>'],
  ['PS-09', '{{.Spec.CPUs}}', '1'],
  ['PS-07', '{{.Spec.Memory}} {{.Spec.DiskSize}}', '512.0 MB 4.0 GB'],
  ['PS-09', '{{.Spec.Image.OCI}} {{.Spec.Kernel.OCI}} {{.Spec.Kernel.CmdLine}}', 'alpine:latest k:5 quiet'],
  ['PS-09', '{{.Spec.Sandbox.OCI}}', 'weaveworks/ignite:v0.10.0'],
  ['API-T08', '{{.Spec.SSH}}', '{true }'],
  ['API-T04', '{{.Spec.Network.Ports}}', '0.0.0.0:8080->80/tcp, 127.0.0.1:53->53/udp'],
  ['API-T08', '{{.Spec.SSH.Generate}} {{.Spec.SSH.PublicKey}}', 'true '],
  ['PS-10', '{{range .Spec.Network.Ports}}<{{.}}|{{.HostPort}}>{{end}}', PORTS_IN_TURN],
  ['PS-10', '{{len .Spec.Network.Ports}} {{(index .Spec.Network.Ports 0).VMPort}}', '2 80'],
  ['PS-10', '{{json .Status.Network.IPAddresses}}', '["10.62.0.2","10.62.0.3"]'],
  [
    'PS-09',
    '{{.Spec.CopyFiles}}{{range .Spec.CopyFiles}} {{.HostPath}} {{.VMPath}}{{end}}',
    '[{/a /b}] /a /b',
  ],
  ['API-S01', '{{.Status.Running}} {{.Running}}', 'true true'],
  ['API-S02, API-S03', '{{.Status.Runtime.ID}} {{.Status.Runtime.Name}}', 'ignite-1 process'],
  ['API-S04', '{{.Status.StartTime}}', '2026-11-20T11:00:00Z'],
  ['API-S05', '{{.Status.Network.Plugin}}', 'bridge'],
  ['API-S06, API-T06', '{{.Status.Network.IPAddresses}}', '10.62.0.2, 10.62.0.3'],
  ['API-S06', '{{index .Status.Network.IPAddresses 0}}', '10.62.0.2'],
  [
    'API-S07, API-T03',
    '{{.Status.Image.ID}} {{.Status.Image.Size}}',
    'docker.io/library/alpine@sha256:aa 268.9 MB',
  ],
  ['API-S08', '{{.Status.Kernel.ID}} {{.Status.Kernel.Size}}', 'k@sha256:bb 5.0 MB'],
  ['API-S09', '{{.Status.IDPrefix}}', 'ignite'],
  ['PS-09', '{{.PrefixedID}} {{.SnapshotDev}}', 'ignite-UID /dev/mapper/ignite-UID'],
  ['PS-10', '{{range .Status.Network.IPAddresses}}<{{.}}>{{end}}', '<10.62.0.2><10.62.0.3>'],
  ['PS-10', '{{if .Status.Running}}{{printf "%s:%d" .Name .Spec.CPUs}}{{end}}', 'web:1'],
  ['PS-10', '{{with .Labels}}{{.a | printf "%q"}}{{end}}', '"b"'],
];

for (const [id, template, text] of rendered)
  test(`${id}: ps -t and inspect -t ${template}`, async () => {
    await withVm(async (daemon, uid) => {
      const wanted = `${text.replaceAll('UID', uid)}\n`;
      assert.equal((await ignite(['ps', '-t', template], { daemon })).stdout, wanted);
      assert.equal((await ignite(['inspect', 'vm', 'web', '-t', template], { daemon })).stdout, wanted);
    });
  });

const filters: readonly (readonly [id: string, filter: string, found: boolean])[] = [
  ['PS-06', '{{.ObjectMeta.Name}}=web', true],
  ['PS-06', '{{.ObjectMeta.Name}}==web', true],
  ['PS-06', '{{.ObjectMeta.Name}}!=web', false],
  ['PS-06', '{{.ObjectMeta.Name}}=~we', true],
  ['PS-06', '{{.ObjectMeta.Name}}!~we', false],
  ['PS-06', '{{.ObjectMeta.Name}}=web,{{.Spec.CPUs}}=2', false],
  ['PS-07', '{{.Spec.Memory}}=512.0 MB', true],
  ['PS-07', '{{.Labels.none}}!=b', true],
  ['API-L01', '{{.Labels.a}}=b', true],
];

for (const [id, filter, found] of filters)
  test(`${id}: ps -f ${filter}`, async () => {
    await withVm(async (daemon, uid) => {
      assert.equal((await ignite(['ps', '-q', '-f', filter], { daemon })).stdout, found ? `${uid}\n` : '');
    });
  });

test('PS-08: a filter that is none is told; so is a field that is none', async () => {
  await withVm(async (daemon) => {
    for (const filter of ['{{.Name}}', '{{ .Name }}=web', '{{.Name}}<3', '{{.Nope}}=x']) {
      const { code, stdout, stderr } = await ignite(['ps', '-f', filter], { daemon });
      assert.deepEqual([code, stdout], [1, ''], filter);
      assert.match(stderr, /The filter|no field "Nope"/);
    }
  });
});

test('OUT-18, OUT-19, OUT-23, PS-05: eleven columns, NAME last, aligned; ages as they were', async () => {
  await withVm(async (daemon, uid) => {
    const { stdout } = await ignite(['ps'], { daemon });
    const [head = '', row = ''] = stdout.split('\n');
    assert.equal(
      head.replace(/ {2,}/g, '|'),
      'VM ID|IMAGE|KERNEL|SIZE|CPUS|MEMORY|CREATED|STATUS|IPS|PORTS|NAME',
    );
    assert.equal(
      row.replace(/ {2,}/g, '|'),
      `${uid}|alpine:latest|k:5|4.0 GB|1|512.0 MB|120m ago|Up 60m|10.62.0.2, 10.62.0.3|0.0.0.0:8080->80/tcp, 127.0.0.1:53->53/udp|web`,
    );
    assert.equal(row.indexOf('web'), head.indexOf('NAME'));
    assert.doesNotMatch(stdout, /\t/);
    daemon.vms.push(fakeVm('off', { status: { state: 'stopped' } }));
    assert.equal((await ignite(['vm'], { daemon })).stdout, (await ignite(['ps', '-a'], { daemon })).stdout);
  });
});

test('PS-02, PS-03: STATUS is what the host does now, also where nobody stopped the VM', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(fakeVm('gone', { status: { state: 'stopped', detail: 'host rebooted' } }));
  assert.match((await ignite(['ps', '-a'], { daemon })).stdout, /Stopped \(host rebooted\) .* gone$/m);
  assert.equal((await ignite(['ps', '-q'], { daemon })).stdout, '');
});

test('OUT-03, OUT-04, API-T07: tables of images and kernels', async () => {
  await using daemon = await startFakeDaemon();
  const [image, kernel] = [fakeImage('u:1'), fakeKernel('k:1')];
  daemon.images.push(image);
  daemon.kernels.push(kernel);
  const lines = async (...words: string[]) =>
    (await ignite(words, { daemon })).stdout.split('\n').map((line) => line.replace(/ {2,}/g, '|'));
  assert.deepEqual(await lines('images'), [
    'IMAGE ID|NAME|CREATED|SIZE',
    `${image.metadata.uid}|u:1|120m|268.9 MB`,
    '',
  ]);
  assert.deepEqual(await lines('kernel', 'ls'), [
    'KERNEL ID|NAME|CREATED|SIZE|VERSION',
    `${kernel.metadata.uid}|k:1|120m|268.9 MB|6.1.0`,
    '',
  ]);
  assert.deepEqual(await lines('image', 'ls', '-q'), [image.metadata.uid, '']);
  assert.deepEqual(await lines('kernels', '-q'), [kernel.metadata.uid, '']);
  daemon.images.splice(0);
  assert.deepEqual(await lines('image'), ['IMAGE ID|NAME|CREATED|SIZE', '']);
});

const ofSources: readonly (readonly [id: string, template: string, text: string])[] = [
  ['API-I01', '{{.ObjectMeta.Name}} {{.Name}}', 'x:1 x:1'],
  ['API-I02', '{{.Spec.OCI}}', 'x:1'],
  ['API-I03, API-T03', '{{.Status.OCISource.ID}}', 'docker.io/library/x:1@sha256:aa'],
  ['API-I04', '{{.Status.OCISource.Size}}', '268.9 MB'],
];

for (const [id, template, text] of ofSources)
  test(`${id}, INS-04: inspect image and kernel -t ${template}`, async () => {
    await using daemon = await startFakeDaemon();
    daemon.images.push(fakeImage('x:1'));
    daemon.kernels.push(fakeKernel('x:1'));
    for (const kind of ['image', 'Kernel'])
      assert.equal((await ignite(['inspect', kind, 'x:1', '-t', template], { daemon })).stdout, `${text}\n`);
  });

test('API-I05: the version of a kernel', async () => {
  await using daemon = await startFakeDaemon();
  daemon.kernels.push(fakeKernel('k:1'));
  const { stdout } = await ignite(['inspect', 'kernel', 'k:1', '-t', '{{.Status.Version}}'], { daemon });
  assert.equal(stdout, '6.1.0\n');
});

test('API-T08: a VM without SSH prints <nil>', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('x'));
  assert.equal((await ignite(['ps', '-t', '{{.Spec.SSH}}'], { daemon })).stdout, '<nil>\n');
});

test('INS-01, INS-02, CLI-O10: kinds in any case; JSON, YAML, a template wins; the original’s form on demand', async () => {
  await withVm(async (daemon) => {
    const out = async (...words: string[]) => (await ignite(['inspect', ...words], { daemon })).stdout;
    for (const kind of ['vm', 'VM', 'Vm']) assert.match(await out(kind, 'web'), /^\{\n {2}"kind": "VM",\n/);
    assert.match(await out('vm', 'web', '-o', 'yaml'), /^apiVersion: ignite\.vm\/v1beta1\nbound:/);
    assert.equal(await out('vm', 'web', '-o', 'yaml', '-t', '{{.Name}}'), 'web\n');
    const old = JSON.parse(await out('vm', 'web', '--api-version', 'v1alpha4'));
    assert.deepEqual(Object.keys(old), ['kind', 'apiVersion', 'metadata', 'spec', 'status']);
    assert.equal(old.apiVersion, 'ignite.weave.works/v1alpha4');
    assert.equal(old.bound, undefined);
  });
});

test('INS-03: inspect shows the state of now', async () => {
  await withVm(async (daemon) => {
    await ignite(['stop', 'web'], { daemon });
    const { status } = JSON.parse((await ignite(['inspect', 'vm', 'web'], { daemon })).stdout);
    assert.deepEqual([status.running, status.state], [false, 'stopped']);
  });
});

test('API-T09: kinds in sentences', async () => {
  await using daemon = await startFakeDaemon();
  daemon.images.push(fakeImage('u:1'));
  const made = await ignite(['create', '--name', 'a', 'alpine'], { daemon });
  assert.match(made.stderr, /^Created VM with ID "[0-9a-z]{16}" and name "a"$/m);
  assert.match((await ignite(['rmi', 'u:1'], { daemon })).stderr, /^Removed image u:1$/m);
});
