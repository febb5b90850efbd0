import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import type { ImageRecord } from '../../images/port.ts';
import { type BootModeInput, chooseBootMode, initOf } from './boot-mode.ts';

const auto: BootModeInput = { wanted: 'auto', expectsMachine: false };
const systemd = { path: '/lib/systemd/systemd', kind: 'systemd' } as const;

function image(entrypoint: string[], cmd: string[], init?: ImageRecord['init']) {
  const config = { entrypoint, cmd, env: [], user: '', workdir: '', exposedPorts: [], labels: {} };
  return { reference: 'img:latest', config, ...(init === undefined ? {} : { init }) };
}

for (const [what, input, of, expected] of [
  ['a command that is an init', { ...auto, command: ['/sbin/init'] }, image([], []), 'system'],
  ["the image's command is an init", auto, image([], ['/sbin/init']), 'system'],
  ['a command given', { ...auto, command: ['ls'] }, image([], ['/sbin/init'], systemd), 'app'],
  ['an entrypoint given', { ...auto, entrypoint: ['/x'] }, image([], ['bash'], systemd), 'app'],
  ['--ssh and an init', { ...auto, expectsMachine: true }, image(['/entry'], [], systemd), 'system'],
  ['--ssh without an init', { ...auto, expectsMachine: true }, image(['/entry'], []), 'app'],
  ['an image entrypoint beside an init', auto, image(['/entry'], [], systemd), 'app'],
  ['an image command beside an init', auto, image([], ['nginx', '-g'], systemd), 'app'],
  ['a bare shell beside an init', auto, image([], ['/bin/bash'], systemd), 'system'],
  ['a bare shell alone', auto, image([], ['/bin/sh']), 'app'],
  ['an init alone', auto, image([], [], systemd), 'system'],
  ['--boot app', { ...auto, wanted: 'app', command: ['x'] }, image([], [], systemd), 'app'],
  ['--boot system', { ...auto, wanted: 'system', command: ['x'] }, image([], [], systemd), 'system'],
] as const)
  test(`rule 3: ${what} means ${expected}`, () => {
    assert.equal(chooseBootMode(input, of), expected);
  });

test('rule 3: neither command nor init is an error', () => {
  assert.throws(
    () => chooseBootMode(auto, image([], [])),
    (error) => isIgniteError(error, 'image/no-command'),
  );
  assert.throws(
    () => chooseBootMode({ ...auto, wanted: 'system' }, image([], ['sh'])),
    (error) => isIgniteError(error, 'image/no-command'),
  );
});

test('the init executed is the command if it is one, else what the image has', () => {
  assert.equal(
    initOf({ command: ['/usr/lib/systemd/systemd'] }, image([], [], systemd)),
    '/usr/lib/systemd/systemd',
  );
  assert.equal(initOf({}, image([], [], systemd)), '/lib/systemd/systemd');
});
