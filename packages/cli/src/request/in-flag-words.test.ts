import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkVm } from '@ignite/api/validate';
import { IgniteError, isIgniteError } from '@ignite/api/errors';
import { readArgv } from '../argv/index.ts';
import { commandTree } from '../commands/index.ts';
import { inFlagWords } from './in-flag-words.ts';

function typed(...argv: readonly string[]) {
  const read = readArgv(commandTree, [...argv, 'IMG']);
  if ('error' in read) throw read.error;
  return read;
}

function said(spec: Parameters<typeof checkVm>[0], ...argv: readonly string[]): string {
  try {
    checkVm(spec);
  } catch (error) {
    const told = inFlagWords(error, typed('run', ...argv));
    if (isIgniteError(told)) return `${told.message} | ${String(told.details['hint'])}`;
  }
  return 'nothing is wrong';
}

const image = { oci: 'a:1' };

test('fields of the object are told as the flags that were typed', () => {
  const table: readonly (readonly [Parameters<typeof checkVm>[0], readonly string[], RegExp])[] = [
    [
      { metadata: { name: 'my vm' }, spec: { image } },
      ['--name', 'my vm'],
      /^--name "my vm" must be .* \| Type --name anew/,
    ],
    [{ spec: { image, workdir: 'x' } }, ['-w', 'x'], /^--workdir must be an absolute path \|/],
    [
      { spec: { image, network: { mac: 'zz' } } },
      ['--mac', 'zz'],
      /^--mac must be a unicast MAC .*, not "zz" \|/,
    ],
    [
      { spec: { image, network: { mode: 'none', ports: [{ hostPort: 80, vmPort: 80 }] } } },
      ['--network', 'none', '-p', '80:80'],
      /^--ports need a network; the mode is none \|/,
    ],
    [
      { spec: { image, resources: { diskIops: 1, pids: 1 } } },
      ['--disk-iops', '1', '--pids-limit', '1'],
      /^--disk-iops must be at least 10, not 1; --pids-limit must be at least 64, not 1 \| Type --disk-iops, --pids-limit/,
    ],
    [
      {
        spec: {
          image,
          storage: {
            volumes: [{ name: 'a', volume: { name: 'v' } }],
            volumeMounts: [{ name: 'a', mountPath: '/' }],
          },
        },
      },
      ['-v', 'v:/'],
      /^--volumes must be a folder below \/, not "\/" \|/,
    ],
  ];
  for (const [spec, argv, expected] of table) assert.match(said(spec, ...argv), expected);
});

test('what a manifest said keeps its field, and other errors stay as they are', () => {
  const both = { spec: { image, workdir: 'x', hostname: 'a b' } };
  assert.match(said(both, '--workdir', 'x'), /^The VM is invalid: --workdir must .*; spec\.hostname must/);
  const other = new IgniteError('vm/not-found', 'There is no VM "spec.workdir"');
  assert.equal(inFlagWords(other, typed('run', '-w', 'x')), other);
  const manifest = new IgniteError('api/invalid-object', 'The VM is invalid: spec.workdir must be absolute');
  assert.equal(inFlagWords(manifest, typed('run')), manifest);
});

test('the same for a body that has not the form of the API', () => {
  const body = 'The body of the request is wrong: spec.network.ip: must be an IP address';
  const told = inFlagWords(new IgniteError('daemon/bad-request', body), typed('run', '--ip', '1.2.3'));
  assert.ok(isIgniteError(told, 'api/invalid-object'));
  assert.equal(told.message, '--ip must be an IP address');
});
