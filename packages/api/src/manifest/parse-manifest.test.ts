import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIgniteError } from '../errors/index.ts';
import { parseManifest, parseVmManifest } from './index.ts';

const MiB = 1 << 20;

/** All violations of a text that must be refused. */
function violations(text: string): readonly string[] {
  try {
    parseManifest(text, 'vm.yaml');
  } catch (error) {
    assert.ok(isIgniteError(error, 'api/invalid-manifest'), String(error));
    assert.match(error.message, /^The manifest vm\.yaml is invalid: /);
    const found = error.details['violations'];
    assert.ok(Array.isArray(found));
    return found;
  }
  return assert.fail('was accepted');
}

const head = (version = 'ignite.weave.works/v1alpha4', kind = 'VM') =>
  `apiVersion: ${version}\nkind: ${kind}\n`;

test('API-V01, API-V02, API-V03, API-V04, API-V08, API-V09, API-V10, API-V11, API-V12, API-V13, API-M01, API-M02, API-M04, API-M05, API-D03, API-D04, API-D09, API-D10: a v1alpha4 VM with every path is read', () => {
  const text = `${head()}metadata:
  name: my-vm
  uid: "0123456789abcdef"
  created: 2021-06-01T10:00:00Z
  labels: {a: b}
  annotations:
    ignite.weave.works/interface/eth1: tc-redirect
spec:
  image:
    oci: weaveworks/ignite-ubuntu
  kernel:
    oci: weaveworks/ignite-kernel:5.14.16
    cmdLine: console=ttyS0
  sandbox:
    oci: registry.example/ignite:v0.10.0
  cpus: 2
  memory: 1GB
  diskSize: 3 gb
  network:
    ports:
    - bindAddress: 0.0.0.0
      hostPort: 8080
      vmPort: 80
      protocol: tcp
    - hostPort: 53
      vmPort: 53
      protocol: udp
  storage:
    volumes:
    - name: v0
      blockDevice: {path: /dev/sdb}
    volumeMounts:
    - {name: v0, mountPath: /data}
  copyFiles:
  - {hostPath: /etc/hosts, vmPath: /root/hosts}
  ssh: true
status:
  running: true
  runtime: {id: ignite-0123456789abcdef, name: containerd}
  startTime: 2021-06-01T10:00:00Z
  network: {plugin: cni, ipAddresses: null}
  image: {id: "oci://docker.io/weaveworks/ignite-ubuntu@sha256:00", size: 275342KB}
  kernel: {id: "oci://x@sha256:00", size: 0B}
  idPrefix: pre
`;
  const vm = parseVmManifest(text, 'vm.yaml');
  assert.deepEqual(vm, {
    kind: 'VM',
    apiVersion: 'ignite.weave.works/v1alpha4',
    legacy: true,
    origin: { file: 'vm.yaml', line: 1 },
    idPrefix: 'pre',
    metadata: {
      name: 'my-vm',
      uid: '0123456789abcdef',
      created: '2021-06-01T10:00:00Z',
      labels: { a: 'b' },
      annotations: { 'ignite.weave.works/interface/eth1': 'tc-redirect' },
    },
    spec: {
      image: { oci: 'weaveworks/ignite-ubuntu:latest' },
      kernel: { oci: 'weaveworks/ignite-kernel:5.14.16', cmdLine: 'console=ttyS0' },
      sandbox: { oci: 'registry.example/ignite:v0.10.0' },
      cpus: 2,
      memory: 1024 * MiB,
      diskSize: 3072 * MiB,
      network: {
        ports: [
          { hostPort: 8080, vmPort: 80, protocol: 'tcp' },
          { hostPort: 53, vmPort: 53, protocol: 'udp' },
        ],
      },
      storage: {
        volumes: [{ name: 'v0', blockDevice: { path: '/dev/sdb' } }],
        volumeMounts: [{ name: 'v0', mountPath: '/data' }],
      },
      copyFiles: [{ hostPath: '/etc/hosts', vmPath: '/root/hosts' }],
      ssh: true,
      running: true,
    },
  });
});

test('API-E04, API-E07: JSON is read, with tabs, too; duplicate fields in it are errors', () => {
  const json = '{\n\t"apiVersion": "ignite.weave.works/v1alpha4",\n\t"kind": "VM",\n\t"spec": {"cpus": 3}\n}';
  assert.equal(parseVmManifest(json, 'vm.json').spec.cpus, 3);
  assert.deepEqual(violations(json.replace('"cpus": 3', '"cpus": 3, "cpus": 4')), [
    'line 4, column 22: Map keys must be unique',
  ]);
});

test('API-E04: all that is wrong is told at once, with line and column', () => {
  const text = `${head()}metadata:
  name: My_VM
  uid: 123456
spec:
  cpu: 2
  cpus: "2"
  memory: 512KiB
  network:
    ports:
    - hostPort: 70000
      vmPort: 80
  copyFiles: [{hostPath: a}]
`;
  assert.deepEqual(violations(text), [
    'line 5, column 8: metadata.uid must be a string; put it in quotes',
    'line 7, column 3: spec.cpu is an unknown field',
    'line 8, column 9: spec.cpus must be a number',
    'line 9, column 11: spec.memory is wrong: The size "512KiB" has the unknown unit "KiB"',
    'line 12, column 17: spec.network.ports[0].hostPort must be at most 65535',
    'line 14, column 15: spec.copyFiles[0].vmPath is missing',
  ]);
});

test('values are checked once types are right, with their places', () => {
  const text = `${head()}metadata:
  name: My_VM
spec:
  memory: 1MB
  copyFiles:
  - hostPath: a
    vmPath: /b
  network:
    ports:
    - {hostPort: 80, vmPort: 80}
    - {hostPort: 80, vmPort: 81, bindAddress: 127.0.0.1}
`;
  const found = violations(text);
  assert.equal(found.length, 4);
  assert.match(found[0] ?? '', /^line 4, column 9: metadata\.name "My_VM" must be/);
  assert.match(found[1] ?? '', /^line 6, column 11: spec\.memory must be from 64\.0 MB/);
  assert.match(found[2] ?? '', /^line 8, column 15: spec\.copyFiles\[0\]\.hostPath must be an absolute path/);
  assert.match(
    found[3] ?? '',
    /^line 13, column 7: spec\.network\.ports\[1\] .* takes the host port of \[0\]/,
  );
});

test('BUG-31, API-V14: ssh: true, "true", a path, false, and the empty object of the original', () => {
  const ssh = (value: string) => parseVmManifest(`${head()}spec: {ssh: ${value}}`, 'x').spec.ssh;
  assert.equal(ssh('true'), true);
  assert.equal(ssh('"true"'), true);
  assert.equal(ssh('/root/id.pub'), '/root/id.pub');
  assert.equal(ssh('false'), false);
  assert.equal(ssh('{}'), false);
  assert.equal(violations(`${head()}spec: {ssh: 3}`).length, 1);
});

test('API-D06, API-D07, API-D08, API-D11, API-X01: v1alpha2 and v1alpha3 differ where they did', () => {
  const old = head('ignite.weave.works/v1alpha2');
  const text = `${old}status: {running: true, ipAddresses: [10.0.0.1], runtime: {id: x}}`;
  assert.equal(parseVmManifest(text, 'x').spec.running, true);
  assert.deepEqual(violations(`${old}status: {network: {plugin: cni}}`), [
    'line 3, column 10: status.network is an unknown field',
  ]);
  assert.match(violations(head('ignite.weave.works/v1alpha2', 'Configuration'))[0] ?? '', /does not exist/);
  const configuration = head('ignite.weave.works/v1alpha3', 'Configuration');
  assert.match(violations(`${configuration}spec: {registryConfigDir: /x}`)[0] ?? '', /unknown field/);
});

test('API-C01, API-C02, API-C05, API-E02: a Configuration is read in both groups', () => {
  const text = `spec:\n  runtime: docker\n  idPrefix: x\n  vmDefaults:\n    memory: 2GB\n`;
  const [legacy] = parseManifest(head('ignite.weave.works/v1alpha4', 'Configuration') + text, 'c');
  const [own] = parseManifest(head('ignite.vm/v1beta1', 'Configuration') + text, 'c');
  assert.ok(legacy?.kind === 'Configuration' && own?.kind === 'Configuration');
  assert.equal(legacy.spec.vmDefaults?.memory, 2048 * MiB);
  assert.deepEqual(legacy.spec, own.spec);
  // The original's default is no wish; ours has no such default.
  const containerd = `spec:\n  runtime: containerd\n`;
  const runtimes = ['ignite.weave.works/v1alpha4', 'ignite.vm/v1beta1'].map((version) => {
    const [read] = parseManifest(head(version, 'Configuration') + containerd, 'c');
    return read?.kind === 'Configuration' ? read.spec.runtime : read?.kind;
  });
  assert.deepEqual(runtimes, [undefined, 'containerd']);
});

test('API-E03: our own version knows what we added', () => {
  const text = `${head('ignite.vm/v1beta1')}spec:
  image: {oci: "nginx@sha256:${'a'.repeat(64)}"}
  memory: 512m
  diskSize: 3GiB
  running: false
  restartPolicy: {name: on-failure, maximumRetryCount: 3}
  entrypoint: []
  command: [echo, hi]
  network: {mode: none}
`;
  const { spec, legacy } = parseVmManifest(text, 'x');
  assert.equal(legacy, false);
  assert.equal(spec.image?.oci, `nginx@sha256:${'a'.repeat(64)}`);
  assert.deepEqual([spec.memory, spec.diskSize], [512 * MiB, 3072 * MiB]);
  assert.equal(spec.running, false);
  assert.deepEqual(spec.entrypoint, []);
});

test('API-C07, API-E01, API-D01, API-D02: kind, version and envelope', () => {
  assert.deepEqual(violations('kind: VM'), ['line 1, column 1: apiVersion is missing']);
  assert.match(violations(head('ignite.weave.works/v1alpha1'))[0] ?? '', /line 1, column 13: .*v0\.8\.0/);
  assert.match(violations(head('v1', 'Pod'))[0] ?? '', /line 2, column 7: kind "Pod"/);
  assert.match(violations('hello')[0] ?? '', /must be a map/);
  for (const nothing of ['', '# only words', '---\n---\n'])
    assert.match(violations(nothing)[0] ?? '', /no object|must be a map/);
});

test('several documents: all are read, or all that is wrong in any is told', () => {
  const two = `${head()}metadata: {name: a}\n---\n${head()}metadata: {name: b}\n`;
  assert.deepEqual(
    parseManifest(two, 'x').map((one) => [one.metadata.name, one.origin.line]),
    [
      ['a', 1],
      ['b', 5],
    ],
  );
  assert.deepEqual(violations(`${head()}x: 1\n---\n${head()}y: 1\n`), [
    'line 3, column 1: x is an unknown field',
    'line 7, column 1: y is an unknown field',
  ]);
  assert.throws(() => parseVmManifest(two, 'x'), /exactly one/);
});

test('aliases that explode, deep nesting and large texts are refused quickly', () => {
  const laughs = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf'])
    laughs.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`);
  assert.match(violations(laughs.join('\n'))[0] ?? '', /alias/);
  const long = `${head()}metadata: {labels: {a: &a ${'x'.repeat(20_000)}, ${Array.from({ length: 90 }, (_, i) => `k${i}: *a`).join(', ')}}}`;
  assert.throws(
    () => parseManifest(long, 'x'),
    (error) => isIgniteError(error, 'api/manifest-too-large'),
  );
  assert.match(violations('['.repeat(50_000))[0] ?? '', /deep|end with/);
  assert.throws(
    () => parseManifest(`${head()}# ${'x'.repeat(MiB)}\nspec: {}\n`, 'x'),
    (error) => isIgniteError(error, 'api/manifest-too-large'),
  );
});

test('no field reaches a prototype', () => {
  assert.deepEqual(violations(`${head()}__proto__: {polluted: true}`), [
    'line 3, column 1: __proto__ is an unknown field',
  ]);
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
});

test('any text, and any change to a good one, gives objects or an error of ours', () => {
  const good = `${head()}metadata: {name: a, labels: {x: "1"}}\nspec:\n  cpus: 2\n  network: {ports: [{hostPort: 1, vmPort: 2}]}\n`;
  const changed = fc
    .tuple(fc.nat(good.length), fc.nat(6), fc.stringMatching(/^[\s\S]{0,6}$/))
    .map(([at, length, text]) => good.slice(0, at) + text + good.slice(at + length));
  const yaml = fc.stringMatching(/^[a-z:&*!|>{}[\], \n\t'"#?%@-]{0,60}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), yaml, changed), (text) => {
      try {
        assert.ok(parseManifest(text, 'x').length > 0);
      } catch (error) {
        assert.ok(isIgniteError(error), String(error));
      }
    }),
    { numRuns: 300 },
  );
});

test('GIT-30: what the original wrote into its users’ files by itself counts as unset', () => {
  const text = `${head()}metadata: {name: a}
spec:
  image: {oci: "weaveworks/ignite-ubuntu:latest"}
  kernel: {oci: "weaveworks/ignite-kernel:5.10.51", cmdLine: console=ttyS0 reboot=k panic=1 pci=off ip=dhcp}
  sandbox: {oci: "weaveworks/ignite:v0.10.0"}
  storage: {}
`;
  assert.deepEqual(parseVmManifest(text, 'a.yaml').spec, {
    image: { oci: 'weaveworks/ignite-ubuntu:latest' },
  });
  const other = text.replace(' ip=dhcp', '').replace('5.10.51', '4.19.125');
  assert.deepEqual(parseVmManifest(other, 'a.yaml').spec.kernel, {
    oci: 'weaveworks/ignite-kernel:4.19.125',
    cmdLine: 'console=ttyS0 reboot=k panic=1 pci=off',
  });
});

test('BUG-10: kernel arguments are kept word for word, in order, the same one twice', () => {
  const cmdLine = 'foo console=tty0 foo=bar console=ttyS0 foo quiet';
  const text = `${head()}metadata: {name: a}\nspec: {image: {oci: a}, kernel: {cmdLine: ${cmdLine}}}\n`;
  assert.equal(parseVmManifest(text, 'a.yaml').spec.kernel?.cmdLine, cmdLine);
});

/** What reading it says. */
function said(text: string): string {
  try {
    parseManifest(text, 'hostile.yaml', { foreign: 'skip' });
    return 'nothing';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const HEAD = 'apiVersion: ignite.vm/v1beta1\nkind: VM\n';
const numbered = (count: number, item: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => item(n)).join(',');

test('keys that stand twice are told with their place, however deep', () => {
  assert.throws(() => parseManifest('a: 1\nb: {c: 1, d: {e: 1, e: 2}}\n', 'twice.yaml'), {
    message: /line 2, column 21: Map keys must be unique/,
  });
});

test('a map of very many keys, and as many faults, are read in time that grows with them alone', () => {
  const labels = numbered(10_000, (n) => `k${n}: 1`); // each key against all others would be 50 million steps
  assert.match(said(`${HEAD}metadata: {labels: {${labels}}}\n`), /metadata\.labels\.k0/);
});

test('very many aliases, lists and documents are refused', () => {
  const aliases = `${HEAD}a: [${numbered(5_000, (n) => `&a${n} 1`)}]\nb: [${numbered(5_000, (n) => `*a${n}`)}]\n`;
  assert.match(said(aliases), /more than 1000 aliases/);
  assert.match(said(`${HEAD}spec: [${'1,'.repeat(300_000)}1]`), /too many lines and items/);
  assert.match(said('---\n'.repeat(5_000)), /too many lines and items/);
});
