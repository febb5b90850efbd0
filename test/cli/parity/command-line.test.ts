// The original's command line, word by word: each command of its tree and each of its flags is understood as it was.
// Rows carry the ids of docs/parity.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArgv } from '../../../packages/cli/src/argv/index.ts';
import { commandTree } from '../../../packages/cli/src/commands/index.ts';

type Flags = Readonly<Record<string, string | boolean | readonly string[]>>;
type Row = readonly [id: string, line: string, command: string, operands?: readonly string[], flags?: Flags];

const TREE: readonly Row[] = [
  ['CLI-01', '', 'help'],
  ['CLI-02', 'image', 'image ls'],
  ['CLI-02', 'images', 'image ls'],
  ['CLI-03', 'image import IMG', 'image import', ['IMG']],
  ['CLI-04', 'image ls', 'image ls'],
  ['CLI-04', 'image list', 'image ls'],
  ['CLI-05', 'image rm A B', 'image rm', ['A', 'B']],
  ['CLI-06', 'kernel', 'kernel ls'],
  ['CLI-06', 'kernels', 'kernel ls'],
  ['CLI-07', 'kernel import IMG', 'kernel import', ['IMG']],
  ['CLI-08', 'kernel ls', 'kernel ls'],
  ['CLI-08', 'kernel list', 'kernel ls'],
  ['CLI-09', 'kernel rm A B', 'kernel rm', ['A', 'B']],
  ['CLI-10', 'vm', 'vm ls'],
  ['CLI-10', 'vms', 'vm ls'],
  ['CLI-11', 'vm attach V', 'attach', ['V']],
  ['CLI-11', 'vm create IMG', 'create', ['IMG']],
  ['CLI-11', 'vm kill V', 'kill', ['V']],
  ['CLI-11', 'vm logs V', 'logs', ['V']],
  ['CLI-11', 'vm ps', 'ps'],
  ['CLI-11', 'vm rm V', 'rm', ['V']],
  ['CLI-11', 'vm run IMG', 'run', ['IMG']],
  ['CLI-11', 'vm ssh V', 'ssh', ['V']],
  ['CLI-11', 'vm start V', 'start', ['V']],
  ['CLI-11', 'vm stop V', 'stop', ['V']],
  ['CLI-11', 'vm exec V ls', 'exec', ['V']],
  ['CLI-11', 'vm cp a V:/b', 'cp', ['a', 'V:/b']],
  ['CLI-12', 'vm ls', 'vm ls'],
  ['CLI-12', 'vm list', 'vm ls'],
  ['CLI-13', 'attach V', 'attach', ['V']],
  ['CLI-14', 'completion', 'completion'],
  ['CLI-15', 'cp a V:/b', 'cp', ['a', 'V:/b']],
  ['CLI-16', 'create IMG', 'create', ['IMG']],
  ['CLI-16', 'create --config vm.yaml', 'create', [], { config: 'vm.yaml' }],
  ['CLI-17', 'exec V ls -la', 'exec', ['V']],
  ['CLI-18', 'inspect vm V', 'inspect', ['vm', 'V']],
  ['CLI-19', 'kill A B', 'kill', ['A', 'B']],
  ['CLI-20', 'logs V', 'logs', ['V']],
  ['CLI-21', 'ps', 'ps'],
  ['CLI-22', 'rm A B', 'rm', ['A', 'B']],
  ['CLI-23', 'rmi A B', 'image rm', ['A', 'B']],
  ['CLI-24', 'rmk A B', 'kernel rm', ['A', 'B']],
  ['CLI-25', 'run IMG', 'run', ['IMG']],
  ['CLI-25', 'run --config vm.yaml', 'run', [], { config: 'vm.yaml' }],
  ['CLI-26', 'ssh V', 'ssh', ['V']],
  ['CLI-27', 'start A B', 'start', ['A', 'B']],
  ['CLI-28', 'stop A B', 'stop', ['A', 'B']],
  ['CLI-29', 'version', 'version'],
  ['CLI-30', 'help run', 'help', ['run']],
  ['CLI-31', 'gitops https://host/r.git', 'gitops follow', ['https://host/r.git']],
  ['CLI-31', 'gitops https://h/r --runtime docker', 'gitops follow', ['https://h/r'], { runtime: 'docker' }],
  [
    'CLI-31',
    'gitops https://h/r --network-plugin cni',
    'gitops follow',
    ['https://h/r'],
    { 'network-plugin': 'cni' },
  ],
  ['CLI-31', 'gitops https://h/r --id-prefix x', 'gitops follow', ['https://h/r'], { 'id-prefix': 'x' }],
];

const FLAGS: readonly Row[] = [
  ['CLI-F01', '--ignite-config /c.yaml ps', 'ps', [], { 'ignite-config': '/c.yaml' }],
  ...['panic', 'fatal', 'error', 'warn', 'warning', 'info', 'debug', 'trace'].map(
    (level): Row => ['CLI-F02, CLI-G12', `--log-level ${level} ps`, 'ps', [], { 'log-level': level }],
  ),
  ['CLI-F03', 'ps -q', 'ps', [], { quiet: true }],
  ['CLI-F03', '--quiet ps', 'ps', [], { quiet: true }],
  ['CLI-C01', 'create --config vm.yaml', 'create', [], { config: 'vm.yaml' }],
  ['CLI-C02', 'run -f /a:/b,/c:/d IMG', 'run', ['IMG'], { 'copy-files': ['/a:/b', '/c:/d'] }],
  ['CLI-C03', 'run --cpus 2 IMG', 'run', ['IMG'], { cpus: '2' }],
  ['CLI-C04', 'run --id-prefix x IMG', 'run', ['IMG'], { 'id-prefix': 'x' }],
  ['CLI-C05', 'run --kernel-args a=1·b IMG', 'run', ['IMG'], { 'kernel-args': 'a=1 b' }],
  ['CLI-C06', 'run -k K IMG', 'run', ['IMG'], { 'kernel-image': 'K' }],
  ['CLI-C07', 'run -l a=1,2 --label b= IMG', 'run', ['IMG'], { label: ['a=1,2', 'b='] }],
  ['CLI-C08', 'run --memory 1GB IMG', 'run', ['IMG'], { memory: '1GB' }],
  ['CLI-C09', 'run -n x IMG', 'run', ['IMG'], { name: 'x' }],
  ['CLI-C15', 'run --sandbox-image weaveworks/ignite:v0.10.0 IMG', 'run', ['IMG']],
  ['CLI-S03', 'start --ignore-preflight-checks=all V', 'start', ['V']],
  ['CLI-S03', 'run --ignore-preflight-checks Port,BinaryInPath IMG', 'run', ['IMG']],
  ['CLI-C10', 'run --network-plugin cni IMG', 'run', ['IMG'], { 'network-plugin': 'cni' }],
  ['CLI-C11', 'run -p 80:80,443:443 IMG', 'run', ['IMG'], { ports: ['80:80', '443:443'] }],
  ['CLI-C12', 'run --registry-config-dir /d IMG', 'run', ['IMG'], { 'registry-config-dir': '/d' }],
  ['CLI-C13', 'run --require-name IMG', 'run', ['IMG'], { 'require-name': true }],
  ['CLI-C16', 'run -s 8GB IMG', 'run', ['IMG'], { size: '8GB' }],
  ['CLI-C17', 'run --ssh IMG', 'run', ['IMG'], { ssh: 'true' }],
  ['CLI-C17', 'run --ssh=/k.pub IMG', 'run', ['IMG'], { ssh: '/k.pub' }],
  ['CLI-C17', 'run --ssh /k.pub', 'run', ['/k.pub'], { ssh: 'true' }],
  [
    'CLI-C18',
    'run -v /dev/a:/x,/dev/b:/y -v /dev/c:/z IMG',
    'run',
    ['IMG'],
    { volumes: ['/dev/a:/x', '/dev/b:/y', '/dev/c:/z'] },
  ],
  ['CLI-S01', 'start -i V', 'start', ['V'], { interactive: true }],
  ['CLI-S01', 'run -i IMG', 'run', ['IMG'], { interactive: true }],
  ['CLI-S02', 'run --debug IMG', 'run', ['IMG'], { debug: true }],
  [
    'CLI-O02',
    'image import --registry-config-dir /d IMG',
    'image import',
    ['IMG'],
    { 'registry-config-dir': '/d' },
  ],
  [
    'CLI-O02',
    'kernel import --registry-config-dir /d IMG',
    'kernel import',
    ['IMG'],
    { 'registry-config-dir': '/d' },
  ],
  ['CLI-O03', 'image rm -f X', 'image rm', ['X'], { force: true }],
  ['CLI-O03', 'rmi --force X', 'image rm', ['X'], { force: true }],
  ['CLI-O03', 'kernel rm -f X', 'kernel rm', ['X'], { force: true }],
  ['CLI-O03', 'rmk -f X', 'kernel rm', ['X'], { force: true }],
  ['CLI-O04', 'rm -f V', 'rm', ['V'], { force: true }],
  ['CLI-O05', 'rm --config vm.yaml', 'rm', [], { config: 'vm.yaml' }],
  ['CLI-O06', 'stop -f V', 'stop', ['V'], { 'force-kill': true }],
  ['CLI-O06', 'stop --force-kill V', 'stop', ['V'], { 'force-kill': true }],
  ['CLI-O07', 'ps -a', 'ps', [], { all: true }],
  ['CLI-O08', 'ps -f {{.ObjectMeta.Name}}=x', 'ps', [], { filter: ['{{.ObjectMeta.Name}}=x'] }],
  ['CLI-O09', 'ps -t {{.Name}}', 'ps', [], { template: ['{{.Name}}'] }],
  ['CLI-O09', 'inspect vm V -t {{.Name}}', 'inspect', ['vm', 'V'], { template: '{{.Name}}' }],
  ['CLI-O10', 'inspect vm V -o yaml', 'inspect', ['vm', 'V'], { output: 'yaml' }],
  ['CLI-O11', 'ssh -i k V', 'ssh', ['V'], { identity: 'k' }],
  ['CLI-O11', 'exec -i ./k V ls', 'exec', ['V'], { identity: './k' }],
  ['CLI-O11', 'cp -i k a V:/b', 'cp', ['a', 'V:/b'], { identity: 'k' }],
  ['CLI-O12', 'ssh --timeout 5 V', 'ssh', ['V'], { timeout: '5' }],
  ['CLI-O12', 'exec --timeout 5 V ls', 'exec', ['V'], { timeout: '5' }],
  ['CLI-O12', 'cp --timeout 5 a V:/b', 'cp', ['a', 'V:/b'], { timeout: '5' }],
  ['CLI-O13', 'ssh -t=false V', 'ssh', ['V'], { tty: false }],
  ['CLI-O14', 'exec -t V sh', 'exec', ['V'], { tty: true }],
  ['CLI-O15', 'version -o json', 'version', [], { output: 'json' }],
];

const REFUSED: readonly (readonly [id: string, line: string, message: RegExp])[] = [
  ['CLI-G03', 'nope', /"nope" is no command of ignite/],
  ['CLI-G03', 'rnu IMG', /did you mean run/],
  ['CLI-G03', 'ps --nope', /--nope is no option of ignite ps/],
  ['CLI-G03', 'run --cpus two IMG', /--cpus takes a whole number/],
  ['CLI-G09', 'ps x', /takes no operand/],
  ['CLI-G09', 'version x', /takes no operand/],
  ['CLI-G09', 'vm exce x', /did you mean exec/],
  ['CLI-G09', 'image foo', /ignite image has no command "foo"/],
  ['CLI-G12', '--log-level loud ps', /--log-level takes one of panic/],
  ['API-A06', 'run --annotation a=b IMG', /--annotation is no option/],
  ['CLI-03', 'image import', /needs/],
  ['CLI-05', 'image rm', /needs/],
  ['CLI-13', 'attach', /needs VM/],
  ['CLI-13', 'attach a b', /too many/],
  ['CLI-15', 'cp a', /needs SOURCE TARGET/],
  ['CLI-17', 'exec', /needs VM/],
  ['CLI-19', 'kill', /needs VM/],
  ['CLI-20', 'logs a b', /too many/],
  ['CLI-23', 'rmi', /needs/],
  ['CLI-24', 'rmk', /needs/],
  ['CLI-26', 'ssh', /needs VM/],
  ['CLI-28', 'stop', /needs VM/],
  ['CLI-C08', 'run --memory lots IMG', /--memory takes a size/],
  ['CLI-O10', 'inspect vm V -o xml', /takes one of json, yaml/],
  ['CLI-O15', 'version -o xml', /takes one of short, json, yaml/],
  ['CLI-O16', 'attach --follow V', /--follow is no option of ignite attach/],
];

const words = (line: string) => (line === '' ? [] : line.split(' ')).map((word) => word.replaceAll('·', ' '));

for (const [id, line, command, operands, flags] of [...TREE, ...FLAGS])
  test(`${id}: ignite ${line}`, () => {
    const read = readArgv(commandTree, words(line));
    if ('error' in read) throw read.error;
    assert.equal(read.command.path.join(' '), command);
    if (operands !== undefined) assert.deepEqual(read.operands, operands);
    for (const [long, value] of Object.entries(flags ?? {}))
      assert.deepEqual(valueOf(read.flags, long, value), value);
  });

for (const [id, line, message] of REFUSED)
  test(`${id}: ignite ${line} is refused`, () => {
    const read = readArgv(commandTree, words(line));
    assert.ok('error' in read);
    assert.match(String(read.error), message);
  });

test('CLI-F04: -h and --help are understood by every command', () => {
  for (const { path } of commandTree.commands)
    for (const help of ['-h', '--help']) {
      const read = readArgv(commandTree, [...path, help]);
      assert.ok(path[0] === '__complete' || (!('error' in read) && read.help), path.join(' '));
    }
});

test('CLI-G13: the fallback of a flag is told, and is no value of it', () => {
  const read = readArgv(commandTree, ['run', 'IMG']);
  assert.ok(!('error' in read));
  for (const long of ['runtime', 'network-plugin', 'id-prefix', 'registry-config-dir'])
    assert.equal(read.flags.has(long), false, long);
});

test('CLI-G10: words after the VM or image are the guest’s, with -- and without', () => {
  for (const line of ['exec V -- ls -la', 'exec V ls -la', 'run IMG ls -la']) {
    const read = readArgv(commandTree, words(line));
    assert.ok(!('error' in read), line);
    assert.deepEqual(read.guest, ['ls', '-la']);
  }
});

type Read = Exclude<ReturnType<typeof readArgv>, { readonly error: unknown }>;

function valueOf(flags: Read['flags'], long: string, like: string | boolean | readonly string[]): unknown {
  if (typeof like === 'boolean') return flags.bool(long);
  return typeof like === 'string' ? flags.string(long) : flags.list(long);
}
