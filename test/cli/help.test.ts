// Help and completion, which need no daemon.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ignite } from './run-in-process.ts';

test('OUT-21, BEY-05: the completion scripts are scripts', async () => {
  const { stdout } = await ignite(['completion', 'bash']);
  await promisify(execFile)('bash', ['-n', '-c', stdout]);
  assert.match((await ignite(['completion', 'zsh'])).stdout, /#compdef ignite/);
  assert.match((await ignite(['completion', 'fish'])).stdout, /complete -c ignite/);
  assert.equal((await ignite(['completion', 'tcsh'])).code, 1);
});

test('CFG-08, CLI-G08, OUT-20: help and version start no daemon', async () => {
  assert.match((await ignite([])).stdout, /^Ignite turns OCI images/);
  assert.match((await ignite(['help', 'run'])).stdout, /^Usage: ignite run \[OPTIONS\] IMAGE/);
  assert.match((await ignite(['image', 'rm', '--help'])).stdout, /Also: {2}ignite rmi/);
  assert.equal((await ignite(['version', '-o', 'short'])).stdout, 'v1.0.0\n');
  assert.match((await ignite(['-v'])).stdout, /^Ignite version v1/);
  assert.equal(
    JSON.parse((await ignite(['version', '-o', 'json'])).stdout).igniteVersion.gitVersion,
    'v1.0.0',
  );
});

test('help of a group lists its commands, help of its plural is that of the list', async () => {
  for (const words of [
    ['volume', '--help'],
    ['help', 'volume'],
    ['volumes', 'rm', '--help'],
  ]) {
    const { stdout } = await ignite(words);
    const expected = words.includes('rm') ? /^Usage: ignite volume rm/ : /\n {2}ls, list +List volumes\n/;
    assert.match(stdout, expected, words.join(' '));
  }
  assert.match((await ignite(['images', '--help'])).stdout, /^Usage: ignite image ls/);
  assert.match((await ignite(['help', 'images'])).stdout, /^Usage: ignite image ls/);
});

test('help is as wide as the terminal', async () => {
  for (const terminal of [true, false]) {
    const { stdout } = await ignite(['help', 'run'], { terminal });
    const [options = ''] = stdout.split('Examples:');
    const longest = Math.max(...options.split('\n').map((line) => line.length));
    assert.ok(longest <= 100, `${longest} columns`);
  }
});
