import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { CliHost } from '../host.ts';
import { findDaemon } from './find-daemon.ts';
import { socketOf, userPlace } from './places.ts';
import type { ProbeResult } from './probe.ts';
import { daemonEnvironment } from './start-daemon.ts';

const OWN = '/run/user/1000/ignite/ignited.sock';
const SYSTEM = '/run/ignite/ignited.sock';

function host(uid: number, env: Readonly<Record<string, string>> = {}): CliHost {
  const stream = new PassThrough();
  return {
    env: { HOME: '/home/joe', XDG_RUNTIME_DIR: '/run/user/1000', ...env },
    cwd: '/',
    uid,
    stdin: stream,
    stdout: stream,
    stderr: stream,
    now: () => new Date(0),
    onSignal: () => () => {},
  };
}

interface Row {
  readonly what: string;
  readonly uid: number;
  readonly sockets: Readonly<Record<string, ProbeResult>>;
  readonly socket: string;
  readonly started?: string;
}

const rows: readonly Row[] = [
  {
    what: 'the system socket if it opens',
    uid: 1000,
    sockets: { [SYSTEM]: 'open', [OWN]: 'open' },
    socket: SYSTEM,
  },
  { what: 'else the user’s own', uid: 1000, sockets: { [OWN]: 'open' }, socket: OWN },
  {
    what: 'the user’s own, where the system’s refuses',
    uid: 1000,
    sockets: { [SYSTEM]: 'refused', [OWN]: 'open' },
    socket: OWN,
  },
  { what: 'one started for the user', uid: 1000, sockets: {}, socket: OWN, started: OWN },
  { what: 'one started by root', uid: 0, sockets: {}, socket: SYSTEM, started: SYSTEM },
];

for (const { what, uid, sockets, socket, started } of rows)
  test(`rule 22: ${what}`, async () => {
    let asked: string | undefined;
    const found = await findDaemon(host(uid), undefined, true, {
      probe: async (path) => sockets[path] ?? 'absent',
      start: async (_host, place) => {
        asked = place.socket;
      },
    });
    assert.deepEqual([found, asked], [socket, started]);
  });

const none = {
  probe: async (): Promise<ProbeResult> => 'absent',
  start: () => Promise.reject(new Error('started')),
};

test('rule 22: --host, then IGNITE_HOST', async () => {
  assert.equal(await findDaemon(host(0, { IGNITE_HOST: '/e' }), 'unix:///f', true, none), '/f');
  assert.equal(await findDaemon(host(0, { IGNITE_HOST: '/e' }), undefined, true, none), '/e');
  assert.throws(() => socketOf('tcp://x'), /--host takes the path/);
});

test('CLI-G06: rule 22: a refusing system socket names the group', async () => {
  const ports = {
    ...none,
    probe: async (path: string): Promise<ProbeResult> => (path === SYSTEM ? 'refused' : 'absent'),
  };
  await assert.rejects(findDaemon(host(1000), undefined, true, ports), /the group ignite/);
});

test('what starts nothing gets nothing', async () => {
  assert.equal(await findDaemon(host(0), undefined, false, none), undefined);
});

test('the user’s places without XDG', () => {
  assert.deepEqual(userPlace({ HOME: '/h' }), {
    socket: '/h/.local/state/ignite/run/ignited.sock',
    state: '/h/.local/state/ignite',
  });
});

test('the daemon gets a clean environment', () => {
  const env = daemonEnvironment({
    PATH: '/evil',
    LD_PRELOAD: 'x',
    HOME: '/h',
    IGNITE_HOST: '/s',
    IGNITE_STATE_DIR: '/d',
    https_proxy: 'p',
  });
  assert.deepEqual(Object.keys(env).sort(), ['HOME', 'IGNITE_STATE_DIR', 'LC_ALL', 'PATH', 'https_proxy']);
  assert.match(env['PATH'] ?? '', /^\/usr\/local\/sbin/);
});
