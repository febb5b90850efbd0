// The rules of the command line, as a table over argv: each row names its rule.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandTree } from '../commands/index.ts';
import { readArgv } from './index.ts';

interface Meaning {
  readonly command: string;
  /** Flags that matter to the row, by canonical name; a list as array, a switch as boolean. */
  readonly flags?: Readonly<Record<string, string | boolean | readonly string[]>>;
  /** Flags that must not be set. */
  readonly unset?: readonly string[];
  readonly operands?: readonly string[];
  readonly guest?: readonly string[];
}

type Row = readonly [rule: string, line: string, meaning: Meaning];
type WrongRow = readonly [rule: string, line: string, message: RegExp];

const words = (line: string) => (line === '' ? [] : line.split(' ')).map((word) => word.replaceAll('·', ' '));

const rows: readonly Row[] = [
  // 1: pflag's spelling
  ['1', 'run --name x IMG', { command: 'run', flags: { name: 'x' }, operands: ['IMG'] }],
  ['1', 'run --name=x IMG', { command: 'run', flags: { name: 'x' } }],
  ['1', 'run --name= IMG', { command: 'run', flags: { name: '' } }],
  ['1', 'run -nx IMG', { command: 'run', flags: { name: 'x' } }],
  ['1', 'run -n=x IMG', { command: 'run', flags: { name: 'x' } }],
  ['1', 'run -n x IMG', { command: 'run', flags: { name: 'x' } }],
  ['1', 'run -it IMG', { command: 'run', flags: { interactive: true, tty: true } }],
  ['1', 'run -itd IMG', { command: 'run', flags: { interactive: true, tty: true, detach: true } }],
  ['1', 'run -itnx IMG', { command: 'run', flags: { interactive: true, tty: true, name: 'x' } }],
  ['1', 'run --rm=false IMG', { command: 'run', flags: { rm: false } }],
  ['1', 'run --rm=0 --init=F IMG', { command: 'run', flags: { rm: false, init: false } }],
  ['1', 'run --rm=T IMG', { command: 'run', flags: { rm: true } }],
  ['1', 'run -d=false IMG', { command: 'run', flags: { detach: false } }],
  ['1', 'run --rm true', { command: 'run', flags: { rm: true }, operands: ['true'] }],
  ['1', 'run --ssh IMG', { command: 'run', flags: { ssh: 'true' }, operands: ['IMG'] }],
  ['1', 'run --ssh=key.pub IMG', { command: 'run', flags: { ssh: 'key.pub' }, operands: ['IMG'] }],
  ['1', 'run --ssh key.pub', { command: 'run', flags: { ssh: 'true' }, operands: ['key.pub'] }],
  ['1', 'run -p 80:80 -p 443:443 IMG', { command: 'run', flags: { ports: ['80:80', '443:443'] } }],
  ['1', 'run -p 80:80,443:443 IMG', { command: 'run', flags: { ports: ['80:80', '443:443'] } }],
  ['1', 'run -f /a:/b,/c:/d IMG', { command: 'run', flags: { 'copy-files': ['/a:/b', '/c:/d'] } }],
  ['1', 'run -f /a,b:/c IMG', { command: 'run', flags: { 'copy-files': ['/a,b:/c'] } }],
  ['1', 'run -v /dev/a:/x,/dev/b:/y IMG', { command: 'run', flags: { volumes: ['/dev/a:/x', '/dev/b:/y'] } }],
  ['1', 'run -e A=1,2 IMG', { command: 'run', flags: { env: ['A=1,2'] } }],
  ['1', 'run -l a=1,b=2 IMG', { command: 'run', flags: { label: ['a=1,b=2'] } }],
  ['1', 'run -l a=1 -l b=2 IMG', { command: 'run', flags: { label: ['a=1', 'b=2'] } }],
  ['1', '--runtime=docker run IMG', { command: 'run', flags: { runtime: 'docker' }, operands: ['IMG'] }],
  ['1', '--runtime docker run IMG', { command: 'run', flags: { runtime: 'docker' }, operands: ['IMG'] }],
  ['1', '--name run run IMG', { command: 'run', flags: { name: 'run' }, operands: ['IMG'] }],
  ['1', '-q ps', { command: 'ps', flags: { quiet: true } }],
  ['1', '--host /s ps -a', { command: 'ps', flags: { host: '/s', all: true } }],
  ['1', '-q image ls', { command: 'image ls', flags: { quiet: true } }],
  ['1', 'image -q ls', { command: 'image ls', flags: { quiet: true } }],
  ['1', 'image --force rm X', { command: 'image rm', flags: { force: true }, operands: ['X'] }],
  ['1', '--force image rm X', { command: 'image rm', flags: { force: true }, operands: ['X'] }],
  ['1', 'ps --all --filter status=up', { command: 'ps', flags: { all: true, filter: ['status=up'] } }],
  ['1', 'rm web -f', { command: 'rm', flags: { force: true }, operands: ['web'] }],
  ['1', 'rm -- -f', { command: 'rm', unset: ['force'], operands: ['-f'] }],
  // 2: where options end
  [
    '2',
    'run IMG --cpus 2 --name x',
    { command: 'run', flags: { cpus: '2', name: 'x' }, operands: ['IMG'], guest: [] },
  ],
  [
    '2',
    'run IMG --cpus 2 --memory 1GB --ssh --name my-vm',
    { command: 'run', flags: { cpus: '2', memory: '1GB', ssh: 'true', name: 'my-vm' }, guest: [] },
  ],
  ['2', 'run IMG ls -la', { command: 'run', operands: ['IMG'], guest: ['ls', '-la'] }],
  [
    '2',
    'run IMG --rm ls --name x',
    { command: 'run', flags: { rm: true }, unset: ['name'], guest: ['ls', '--name', 'x'] },
  ],
  ['2', 'run IMG -- --weird -d', { command: 'run', unset: ['detach'], guest: ['--weird', '-d'] }],
  ['2', 'run -- IMG ls', { command: 'run', operands: ['IMG'], guest: ['ls'] }],
  ['2', 'run --rm IMG -- ls -- x', { command: 'run', guest: ['ls', '--', 'x'] }],
  ['2', 'create IMG ls -la', { command: 'create', guest: ['ls', '-la'] }],
  ['2', 'exec web ls -la', { command: 'exec', operands: ['web'], guest: ['ls', '-la'] }],
  ['2', 'exec web -- ls -la', { command: 'exec', operands: ['web'], guest: ['ls', '-la'] }],
  ['2', 'exec web -t -u joe sh', { command: 'exec', flags: { tty: true, user: 'joe' }, guest: ['sh'] }],
  [
    '2',
    'exec -it web sh -c exit',
    { command: 'exec', flags: { interactive: true, tty: true }, guest: ['sh', '-c', 'exit'] },
  ],
  ['2', 'run IMG - x', { command: 'run', guest: ['-', 'x'] }],
  ['2', 'ssh web ls -la', { command: 'ssh', operands: ['web'], guest: ['ls', '-la'] }],
  // 3: mode
  ['3', 'run --boot system IMG', { command: 'run', flags: { boot: 'system' } }],
  ['3', 'run --init IMG', { command: 'run', flags: { init: true } }],
  // 4: what run returns
  ['4', 'run -d IMG', { command: 'run', flags: { detach: true }, unset: ['debug'] }],
  ['4', 'run --debug IMG', { command: 'run', flags: { debug: true }, unset: ['detach'] }],
  ['4', 'run -a stdout -a stderr IMG', { command: 'run', flags: { attach: ['stdout', 'stderr'] } }],
  ['4', 'start -d web', { command: 'start', flags: { detach: true } }],
  ['4', 'start -i web', { command: 'start', flags: { interactive: true } }],
  // 5: stdin and -i
  [
    '5',
    'exec -i web cat',
    { command: 'exec', flags: { interactive: true }, unset: ['identity'], operands: ['web'], guest: ['cat'] },
  ],
  [
    '5',
    'exec -i ./key web cat',
    { command: 'exec', flags: { identity: './key' }, unset: ['interactive'], operands: ['web'] },
  ],
  ['5', 'exec -i /root/.ssh/id web cat', { command: 'exec', flags: { identity: '/root/.ssh/id' } }],
  ['5', 'exec -i/root/key web cat', { command: 'exec', flags: { identity: '/root/key' } }],
  ['5', 'exec -i=/root/key web cat', { command: 'exec', flags: { identity: '/root/key' } }],
  ['5', 'exec -i=true web cat', { command: 'exec', flags: { interactive: true }, unset: ['identity'] }],
  ['5', 'exec -ti keys/id web cat', { command: 'exec', flags: { tty: true, identity: 'keys/id' } }],
  ['5', 'exec --identity key web cat', { command: 'exec', flags: { identity: 'key' } }],
  ['5', 'exec -n web cat', { command: 'exec', flags: { 'no-stdin': true } }],
  ['5', 'ssh -i key web', { command: 'ssh', flags: { identity: 'key' } }],
  ['5', 'cp -i key web:/a b', { command: 'cp', flags: { identity: 'key' }, operands: ['web:/a', 'b'] }],
  // 6
  ['6', 'exec --timeout 5 web true', { command: 'exec', flags: { timeout: '5' } }],
  // 7: letters
  ['7', 'run -f /a:/b IMG', { command: 'run', flags: { 'copy-files': ['/a:/b'] } }],
  ['7', 'rm -f web', { command: 'rm', flags: { force: true } }],
  ['7', 'rmi -f X', { command: 'image rm', flags: { force: true } }],
  ['7', 'rmk -f X', { command: 'kernel rm', flags: { force: true } }],
  ['7', 'stop -f web', { command: 'stop', flags: { 'force-kill': true } }],
  ['7', 'logs -f web', { command: 'logs', flags: { follow: true } }],
  ['7', 'ps -f name=x', { command: 'ps', flags: { filter: ['name=x'] } }],
  ['7', 'ps -n 5', { command: 'ps', flags: { last: '5' } }],
  ['7', 'ps -lq', { command: 'ps', flags: { latest: true, quiet: true } }],
  ['7', 'images nginx', { command: 'image ls', operands: ['nginx'] }],
  ['7', 'images -q nginx:1', { command: 'image ls', flags: { quiet: true }, operands: ['nginx:1'] }],
  ['7', 'images -f reference=x', { command: 'image ls', flags: { filter: ['reference=x'] } }],
  ['7', 'inspect -f {{.Name}} web', { command: 'inspect', flags: { template: '{{.Name}}' } }],
  ['7', 'inspect -t {{.Name}} web', { command: 'inspect', flags: { template: '{{.Name}}' } }],
  ['7', 'run -t IMG', { command: 'run', flags: { tty: true } }],
  ['7', 'exec -t web sh', { command: 'exec', flags: { tty: true } }],
  ['7', 'ssh -t web', { command: 'ssh', flags: { tty: true } }],
  ['7', 'ssh -t=false web', { command: 'ssh', flags: { tty: false } }],
  ['7', 'ps -t {{.Name}}', { command: 'ps', flags: { template: ['{{.Name}}'] } }],
  ['7', 'stop -t 5 web', { command: 'stop', flags: { time: '5' } }],
  ['7', 'restart -t 5 web', { command: 'restart', flags: { time: '5' } }],
  ['7', 'logs -t web', { command: 'logs', flags: { timestamps: true } }],
  ['7', 'run -s 8GB IMG', { command: 'run', flags: { size: '8GB' } }],
  ['7', 'kill -s HUP web', { command: 'kill', flags: { signal: 'HUP' } }],
  ['7', 'stop -s INT web', { command: 'stop', flags: { signal: 'INT' } }],
  ['7', 'run -n x IMG', { command: 'run', flags: { name: 'x' } }],
  ['7', 'create -n x IMG', { command: 'create', flags: { name: 'x' } }],
  ['7', 'logs -n 5 web', { command: 'logs', flags: { tail: '5' } }],
  ['7', 'run -k K IMG', { command: 'run', flags: { 'kernel-image': 'K' } }],
  ['7', 'run --kernel K IMG', { command: 'run', flags: { 'kernel-image': 'K' } }],
  ['7', 'run --kernel-image K IMG', { command: 'run', flags: { 'kernel-image': 'K' } }],
  ['7', 'run --ports 1:2 IMG', { command: 'run', flags: { ports: ['1:2'] } }],
  ['7', 'run --publish 1:2 IMG', { command: 'run', flags: { ports: ['1:2'] } }],
  ['7', 'run --net none IMG', { command: 'run', flags: { network: 'none' } }],
  ['7', 'run --network none IMG', { command: 'run', flags: { network: 'none' } }],
  [
    '7',
    'run -e A=1 -w /d -u joe -m 1g -l a=b -a stdout -P IMG',
    {
      command: 'run',
      flags: {
        env: ['A=1'],
        workdir: '/d',
        user: 'joe',
        memory: '1g',
        label: ['a=b'],
        attach: ['stdout'],
        'publish-all': true,
      },
    },
  ],
  // 9: Docker's flags that a VM satisfies
  [
    '9',
    'run --privileged --cap-add ALL IMG',
    { command: 'run', flags: { privileged: true, 'cap-add': ['ALL'] } },
  ],
  ['9', 'run --security-opt seccomp=unconfined IMG', { command: 'run', operands: ['IMG'] }],
  ['9', 'run --read-only=false IMG', { command: 'run', operands: ['IMG'] }],
  ['9', 'exec --privileged web sh', { command: 'exec', guest: ['sh'] }],
  // 14
  ['14', 'ps -aq', { command: 'ps', flags: { all: true, quiet: true } }],
  ['14', 'ps --format {{.Names}}', { command: 'ps', flags: { format: '{{.Names}}' } }],
  [
    '14',
    'ps --all -f {{.ObjectMeta.Name}}=x',
    { command: 'ps', flags: { filter: ['{{.ObjectMeta.Name}}=x'] } },
  ],
  // 15, 16
  ['15', 'inspect vm web', { command: 'inspect', operands: ['vm', 'web'] }],
  ['16', 'logs --console web', { command: 'logs', flags: { console: true } }],
  ['16', 'attach web', { command: 'attach', operands: ['web'] }],
  // 20
  ['20', 'cp - web:/x', { command: 'cp', operands: ['-', 'web:/x'] }],
  ['20', 'cp -a dir web:/x', { command: 'cp', flags: { archive: true } }],
  // 23: old words
  [
    '23',
    'start web --runtime containerd --network-plugin cni',
    { command: 'start', flags: { runtime: 'containerd', 'network-plugin': 'cni' }, operands: ['web'] },
  ],
  [
    '23',
    'run --id-prefix x --sandbox-image y IMG',
    { command: 'run', flags: { 'id-prefix': 'x', 'sandbox-image': 'y' } },
  ],
  [
    '23',
    'run --ignore-preflight-checks=all,Port IMG',
    { command: 'run', flags: { 'ignore-preflight-checks': ['all', 'Port'] } },
  ],
  ['23', 'version -o short', { command: 'version', flags: { output: 'short' } }],
  // 24: groups
  ['24', 'vm', { command: 'vm ls' }],
  ['24', 'vms', { command: 'vm ls' }],
  ['24', 'container ls', { command: 'vm ls' }],
  ['24', 'vm run IMG', { command: 'run', operands: ['IMG'] }],
  ['24', 'vm exec web ls -la', { command: 'exec', guest: ['ls', '-la'] }],
  ['24', 'vm ps', { command: 'ps' }],
  ['24', 'container rm -f web', { command: 'rm', flags: { force: true } }],
  ['24', 'image', { command: 'image ls' }],
  ['24', 'images -q', { command: 'image ls', flags: { quiet: true } }],
  ['24', 'image import IMG', { command: 'image import', operands: ['IMG'] }],
  ['24', 'image list', { command: 'image ls' }],
  ['24', 'kernels', { command: 'kernel ls' }],
  ['24', 'kernel import apt:x', { command: 'kernel import', operands: ['apt:x'] }],
  ['24', 'kernel import --host', { command: 'kernel import', flags: { running: true } }],
  ['24', '--host /s kernel import apt:x', { command: 'kernel import', flags: { host: '/s' } }],
  [
    '24',
    'kernel import --host --host=/s',
    { command: 'kernel import', flags: { running: true, host: '/s' } },
  ],
  ['24', 'system', { command: 'system info' }],
  ['24', 'tag a b', { command: 'image tag', operands: ['a', 'b'] }],
  ['24', 'load -i x.tar', { command: 'image load', flags: { input: 'x.tar' } }],
  ['24', '', { command: 'help' }],
  ['24', 'help run', { command: 'help', operands: ['run'] }],
];

const wrongRows: readonly WrongRow[] = [
  ['1', 'run --rm=maybe IMG', /--rm is true or false, not "maybe"/],
  ['1', 'run IMG --name', /--name needs a value: NAME/],
  ['1', 'run --cpus two IMG', /--cpus takes a whole number from 1 to 256, not "two"/],
  ['1', 'run --memory lots IMG', /--memory takes a size/],
  ['2', 'run IMG --unknown x', /--unknown is no option .* put -- before it: ignite run IMG -- --unknown x/],
  ['2', 'run IMG -Z', /-Z is no option .* ignite run IMG -- -Z/],
  ['2', 'exec web --color ls', /ignite exec web -- --color ls/],
  ['2', 'run --nmae x IMG', /--nmae is no option of ignite run; did you mean --name, --mac\?/],
  ['3', 'run --boot later IMG', /--boot takes one of auto, app, system/],
  ['4', 'run -a console IMG', /-a takes one of stdin/],
  ['7', 'run -x IMG', /-x is no option of ignite run/],
  ['9', 'run --cap-drop ALL IMG', /--cap-drop ALL is refused: a VM does not take capabilities away/],
  ['9', 'run --read-only IMG', /--read-only is refused/],
  ['9', 'run --network host IMG', /--network host is refused: a VM has a network stack of its own/],
  ['9', 'run --net=host IMG', /--net host is refused/],
  ['9', 'run --network container:x IMG', /refused/],
  ['9', 'run --gpus all IMG', /--gpus all is refused/],
  ['9', 'run --security-opt no-new-privileges IMG', /refused/],
  ['18', 'run', /ignite run needs IMAGE/],
  ['18', 'exec', /ignite exec needs VM/],
  ['18', 'cp a', /ignite cp needs SOURCE TARGET/],
  ['18', 'cp a b c', /"c" is one operand too many/],
  ['18', 'ps web', /ignite ps takes no operand, but got "web"/],
  ['18', 'stop', /ignite stop needs VM/],
  ['18', 'stop -t soon web', /-t takes a whole number/],
  ['24', 'restore web', /"restore" is no command of ignite; nothing is restored/],
  ['24', 'rnu IMG', /"rnu" is no command of ignite; did you mean run/],
  ['24', 'image sl', /ignite image has no command "sl"; did you mean ls\?/],
  ['24', 'vm exce web ls', /ignite vm has no command "exce"; did you mean exec\?/],
  ['24', 'kernel xyzzy', /ignite kernel has no command "xyzzy"; it has import/],
  ['24', '--bogus', /--bogus is no option/],
  ['24', 'search nginx', /"search" is no command of ignite; no registry is searched; `ignite pull IMAGE`/],
  ['24', 'list', /"list" is no command of ignite; `ignite ps` lists VMs/],
  ['24', 'delete web', /takes no operand, but got "web"; `ignite rm VM` removes a VM/],
];

for (const [rule, line, meaning] of rows) {
  test(`rule ${rule}: ignite ${line}`, () => {
    const read = readArgv(commandTree, words(line));
    if ('error' in read) throw read.error;
    assert.equal(read.command.path.join(' '), meaning.command);
    for (const [long, value] of Object.entries(meaning.flags ?? {})) {
      const got: unknown =
        typeof value === 'boolean'
          ? read.flags.bool(long)
          : typeof value === 'string'
            ? read.flags.string(long)
            : read.flags.list(long);
      assert.deepEqual(got, value, `--${long}`);
    }
    for (const long of meaning.unset ?? []) assert.equal(read.flags.has(long), false, `--${long} is set`);
    if (meaning.operands !== undefined) assert.deepEqual(read.operands, meaning.operands);
    if (meaning.guest !== undefined) assert.deepEqual(read.guest, meaning.guest);
  });
}

for (const [rule, line, message] of wrongRows) {
  test(`rule ${rule}: ignite ${line} is refused`, () => {
    const read = readArgv(commandTree, words(line));
    if (!('error' in read)) throw new Error(`was taken as ${read.command.path.join(' ')}`);
    assert.match(String(read.error), message);
  });
}

test('rule 7: -h and --help are help everywhere, also beside a mistake', () => {
  for (const line of [
    'run -h',
    'run --help',
    'exec --help',
    '-h',
    '--help',
    'image rm --help',
    'run --bogus --help',
  ]) {
    const read = readArgv(commandTree, words(line));
    assert.ok(!('error' in read) && read.help, line);
  }
  const guest = readArgv(commandTree, words('run IMG ls --help'));
  assert.ok(!('error' in guest) && !guest.help && guest.guest.includes('--help'));
});
