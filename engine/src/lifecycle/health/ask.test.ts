import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { GuestExit, GuestSession, GuestStream } from '../../guest/port.ts';
import type { BoundNic } from '../../network/index.ts';
import { ask } from './ask.ts';
import { effectiveCheck, type FullCheck } from './judge.ts';

const { signal } = new AbortController();

function checkFor(check: NonNullable<Parameters<typeof effectiveCheck>[0]>): FullCheck {
  const full = effectiveCheck({ timeout: 20, ...check }, undefined);
  assert.ok(full);
  return full;
}

/** A user network whose port 80 is published where a server of the test listens. */
function published(hostPort: number): BoundNic {
  return {
    mode: 'user',
    network: 'user',
    backend: 'passt',
    hostLoopback: false,
    mac: '02:00:00:00:00:01',
    address: '10.0.2.15',
    prefixLength: 24,
    gateway: '10.0.2.2',
    dns: [],
    mtu: 1500,
    ports: [{ bindAddress: '127.0.0.1', hostPort, vmPort: 80, protocol: 'tcp' }],
  };
}

function noSession(): Promise<GuestSession> {
  return Promise.reject(new Error('no agent'));
}

test('http: below 400 is healthy; what a failing page says is kept', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/ready' ? 204 : 503;
    response.end('not yet');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const vm = { nics: [published((server.address() as AddressInfo).port)], session: noSession };
  assert.deepEqual(await ask(checkFor({ kind: 'http', port: 80, path: '/ready' }), vm, signal), {
    healthy: true,
    output: '',
  });
  const down = await ask(checkFor({ kind: 'http', port: 80 }), vm, signal);
  assert.deepEqual(down, { healthy: false, output: 'HTTP 503: not yet' });
  server.close();
});

test('tcp: a connection is enough; a closed port and one that is not published are told', async () => {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const vm = { nics: [published((server.address() as AddressInfo).port)], session: noSession };
  assert.equal((await ask(checkFor({ kind: 'tcp', port: 80 }), vm, signal)).healthy, true);
  const other = await ask(checkFor({ kind: 'tcp', port: 81 }), vm, signal);
  assert.match(other.output, /Port 81 must be published/);
  await new Promise((resolve) => server.close(resolve));
  assert.match((await ask(checkFor({ kind: 'tcp', port: 80 }), vm, signal)).output, /ECONNREFUSED/);
});

function sessionWith(exit: Promise<GuestExit>, signals: number[] = []): Partial<GuestSession> {
  const ended = (text: string) => {
    const stream = new PassThrough();
    stream.end(text);
    return stream;
  };
  const stream: GuestStream = {
    stdin: new PassThrough(),
    stdout: ended('out '),
    stderr: ended('err'),
    signal: (number) => void signals.push(number),
    resize: () => {},
    exit,
    reset: () => {},
  };
  return { exec: async () => stream, ping: async () => {} };
}

/** A session of which a check needs a part. */
function vmWith(part: Partial<GuestSession>) {
  return { nics: [], session: async () => part as GuestSession };
}

test('exec: the exit code tells, and the output of a failure is kept', async () => {
  const check = checkFor({ kind: 'exec', command: ['x'] });
  const ok = sessionWith(Promise.resolve({ code: 0, oom: false }));
  assert.equal((await ask(check, vmWith(ok), signal)).healthy, true);
  const bad = sessionWith(Promise.resolve({ code: 3, oom: false }));
  assert.deepEqual(await ask(check, vmWith(bad), signal), { healthy: false, output: 'exit 3: out err' });
});

test('exec: a command that is late is killed', async () => {
  const signals: number[] = [];
  const check = checkFor({ kind: 'exec', command: ['x'], timeout: 0.01 });
  const answer = await ask(check, vmWith(sessionWith(new Promise(() => {}), signals)), signal);
  assert.deepEqual(answer, { healthy: false, output: 'No answer within 0.01 s' });
  assert.deepEqual(signals, [9]);
});

test('agent: only that it answers', async () => {
  const check = checkFor({ kind: 'agent' });
  const well = sessionWith(Promise.resolve({ code: 0, oom: false }));
  assert.equal((await ask(check, vmWith(well), signal)).healthy, true);
  assert.deepEqual(await ask(check, { nics: [], session: noSession }, signal), {
    healthy: false,
    output: 'no agent',
  });
});

test('a check may have any deadline, parts of a millisecond too', async () => {
  const check = checkFor({ kind: 'agent', timeout: 20.0005 });
  const well = sessionWith(Promise.resolve({ code: 0, oom: false }));
  assert.equal((await ask(check, vmWith(well), signal)).healthy, true);
});
