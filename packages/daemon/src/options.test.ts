// The command line of `ignited`: the original's commands and flags, and what they become.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { completionScript } from './completion.ts';
import { withNewVms } from './new-vm-options.ts';
import { optionWords, readOptions, USAGE } from './options.ts';
import type { AttachSource } from '@ignite/api';

const HOME = { HOME: '/home/me' };
const read = (line: string, env: Readonly<Record<string, string>> = HOME, uid = 0) =>
  readOptions(
    line.split(' ').filter((word) => word !== ''),
    env,
    uid,
  );
const git = (line: string): AttachSource => read(`gitops ${line}`).sources[0] ?? assert.fail();

const rows: readonly (readonly [id: string, line: string, source: object])[] = [
  ['IGD-04', 'daemon', { folder: { path: '/etc/firecracker/manifests' } }],
  ['IGD-04', 'daemon --manifests /m', { folder: { path: '/m' } }],
  ['IGD-05', 'gitops https://h/r', { git: { url: 'https://h/r' } }],
  ['IGD-05', 'gitops git@h:r.git', { git: { url: 'git@h:r.git' } }],
  ['IGD-06, GIT-17', 'gitops https://h/r -b main', { git: { url: 'https://h/r', branch: 'main' } }],
  ['IGD-06', 'gitops https://h/r --branch=main', { git: { url: 'https://h/r', branch: 'main' } }],
  ['IGD-07', 'gitops https://h/r --interval 45s', { git: { url: 'https://h/r', interval: 45 } }],
  ['IGD-08', 'gitops https://h/r --timeout 1m30s', { git: { url: 'https://h/r', timeout: 90 } }],
  ['IGD-09', 'gitops git@h:r --identity-file ~/id', { git: { url: 'git@h:r', identityFile: '/home/me/id' } }],
  ['IGD-10', 'gitops git@h:r --hosts-file ~/kh', { git: { url: 'git@h:r', hostsFile: '/home/me/kh' } }],
  ['IGD-10, BUG-20', 'gitops git@h:r --hosts-file=', { git: { url: 'git@h:r' } }],
  [
    'IGD-11',
    'gitops https://h/r --https-username u --https-password p',
    { git: { url: 'https://h/r', username: 'u', token: 'p' } },
  ],
];

for (const [id, line, source] of rows)
  test(`${id}: ignited ${line}`, () => {
    assert.deepEqual(read(line).sources[0], source);
  });

test('IGD-05: several repositories; none is an error', () => {
  assert.equal(read('gitops https://h/a https://h/b').sources.length, 2);
  assert.throws(() => read('gitops'), { code: 'daemon/usage' });
  assert.throws(() => git('https://h/r --interval soon'), { code: 'daemon/usage' });
});

test('CLI-F05, CLI-G12: --ignite-config and --log-level', () => {
  assert.equal(read('--ignite-config /c.yaml').configurationFile, '/c.yaml');
  assert.equal(read('').configurationFile, '/etc/ignite/config.yaml');
  for (const level of ['panic', 'fatal', 'error', 'warn', 'warning', 'info', 'debug', 'trace'])
    assert.ok(read(`--log-level ${level}`).logLevel, level);
  assert.equal(read('').logLevel, 'info');
  assert.throws(() => read('--log-level loud'), { code: 'daemon/usage' });
});

test('CLI-F06, CLI-F07, CLI-F08, BUG-21: --runtime, --network-plugin and --id-prefix are for the VMs that are made', () => {
  const flags = '--runtime docker --network-plugin cni --id-prefix team-1';
  const said = { runtime: 'docker', networkPlugin: 'cni', idPrefix: 'team-1' };
  for (const command of ['', 'daemon', 'gitops https://h/r'])
    assert.deepEqual(read(`${command} ${flags}`).newVms, said, command);
  assert.deepEqual(read('daemon').newVms, {});
  assert.deepEqual(read('daemon --id-prefix=').newVms, {});
});

test('CLI-F06, CLI-F07, CLI-F08: what they cannot be is told with the choices', () => {
  const told = (line: string, message: RegExp, uid = 0) =>
    assert.throws(() => read(line, HOME, uid), { code: 'daemon/usage', message });
  told('--runtime rkt', /--runtime takes one of process, containerd, docker, not "rkt"/);
  told(
    '--network-plugin weave',
    /--network-plugin takes one of bridge, user, cni, docker-bridge, not "weave"/,
  );
  for (const prefix of ['a/b', '..', '-a', 'a-', 'a'.repeat(60)])
    told(`--id-prefix=${prefix}`, /--id-prefix ".*" (must be letters and digits|is longer)/);
  told('--runtime docker', /needs a daemon that is root/, 1000);
  told('--network-plugin bridge', /needs a daemon that is root/, 1000);
  assert.equal(read('--network-plugin user', HOME, 1000).newVms.networkPlugin, 'user');
});

test('CFG-02: a flag of ignited is before the Configuration, whatever its vmDefaults say', () => {
  const configuration = {
    runtime: 'docker',
    idPrefix: 'host',
    vmDefaults: { cpus: 2, runtime: 'docker', network: { mode: 'bridge', mtu: 1400 } },
  } as const;
  assert.deepEqual(withNewVms(configuration, {}), configuration);
  assert.deepEqual(
    withNewVms(configuration, { runtime: 'process', networkPlugin: 'user', idPrefix: 'flag' }),
    {
      runtime: 'process',
      networkPlugin: 'user',
      idPrefix: 'flag',
      vmDefaults: { cpus: 2, network: { mtu: 1400 } },
    },
  );
});

test('IGD-01, CLI-G07: help, version and completion are for anybody', () => {
  assert.equal(read('--help', HOME, 1000).command, 'help');
  assert.match(USAGE, /ignited daemon[^]*ignited gitops URL/);
  assert.equal(read('version', HOME, 1000).command, 'version');
  assert.equal(read('completion', HOME, 1000).command, 'completion');
  assert.equal(read('', HOME, 1000).stateDirectory, '/home/me/.local/state/ignite');
});

test('IGD-03: version -o short, json, yaml', () => {
  for (const form of ['short', 'json', 'yaml']) assert.equal(read(`version -o ${form}`).form, form);
  assert.equal(read('version').form, 'short');
  assert.throws(() => read('version -o xml'), { code: 'daemon/usage' });
});

test('IGD-02: completion scripts are scripts, and know every word', () => {
  const script = completionScript('bash', optionWords());
  execFileSync('bash', ['-n', '-c', script]);
  for (const word of ['daemon', 'gitops', 'version', '--interval', '--hosts-file'])
    assert.ok(script.includes(word), word);
  assert.match(completionScript('zsh', []), /^#compdef ignited/);
  assert.match(completionScript('fish', []), /complete -c ignited/);
  assert.throws(() => completionScript('tcsh', []), { code: 'daemon/usage' });
});
