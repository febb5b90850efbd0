// The C agent against the TypeScript session, without a VM. Needs root (the agent changes users and joins namespaces).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { encodeFrame } from '@ignite/api';
import { FRAME } from '@ignite/protocol';
import { eventually, finish, guest, processRunning, root, run, soon, withAgent } from './agent-session.ts';

test('exec: output, errors, exit code, environment, user, folder', { skip: !root }, () =>
  withAgent(async (_agent, session) => {
    const said = await run(session, ['sh', '-c', 'echo $FROM $A; pwd; id -u; echo oops >&2; exit 7'], {
      env: ['A=b'],
      workdir: '/etc',
      user: '65534',
    });
    assert.deepEqual([said.stdout.toString(), said.stderr], ['config b\n/etc\n65534\n', 'oops\n']);
    assert.deepEqual(said.exit, { code: 7, oom: false });
    assert.deepEqual((await run(session, ['sh', '-c', 'kill -9 $$'])).exit, { signal: 9, oom: false });
    await assert.rejects(run(session, ['no-such-command']), { code: 'guest/command-not-found' });
    await assert.rejects(run(session, ['/etc/passwd']), { code: 'guest/command-not-executable' });
    await assert.rejects(run(session, ['id'], { user: 'no-such-user' }), { code: 'guest/no-user' });
  }),
);

test('exec with a terminal: size, resize, interrupt, end of input', { skip: !root }, () =>
  withAgent(async (_agent, session) => {
    const tty = { rows: 33, columns: 99, term: 'xterm' };
    const stream = await session.exec({
      argv: ['sh', '-c', 'trap "stty size" WINCH; stty size; read x; cat; echo end'],
      env: [],
      detached: false,
      tty,
    });
    let text = '';
    stream.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
    await eventually(() => text.includes('33 99'));
    stream.resize(44, 111);
    stream.stdin.write('\n');
    await eventually(() => text.includes('44 111'));
    stream.stdin.end('typed\n');
    assert.deepEqual(await stream.exit, { code: 0, oom: false });
    assert.match(text, /typed\r\n[^]*end/);
    const sleeper = await session.exec({ argv: ['sleep', '100'], env: [], detached: false, tty });
    sleeper.stdin.write('\x03');
    assert.deepEqual(await sleeper.exit, { signal: 2, oom: false });
  }),
);

test('1 GiB to a slow reader arrives byte for byte, and both sides stay small', { skip: !root }, () =>
  withAgent(async (agent, session) => {
    const size = 2 ** 30;
    const line = `${'0123456789abcdef'.repeat(63)}0123456789abcd`; // 1022 bytes and y's newline: no power of two
    const stream = await session.exec({
      argv: ['sh', '-c', `yes ${line} | head -c ${size}`],
      env: [],
      detached: false,
    });
    stream.stdin.end();
    stream.stderr.resume();
    const [hash, wanted] = [createHash('sha1'), createHash('sha1')];
    const block = Buffer.from(`${line}\n`.repeat(1024));
    for (let left = size; left > 0; left -= block.length) wanted.update(block.subarray(0, left));
    const before = process.memoryUsage.rss();
    let [got, largest] = [0, 0];
    for await (const piece of stream.stdout) {
      if (got === 0) await new Promise((resolve) => setTimeout(resolve, 100)); // the writer must wait meanwhile
      got += piece.length;
      hash.update(piece);
      if (got % 64 === 0) largest = Math.max(largest, process.memoryUsage.rss());
    }
    assert.equal(got, size);
    assert.equal(hash.digest('hex'), wanted.digest('hex'));
    assert.ok(largest - before < 400 * 2 ** 20, `this process grew by ${largest - before} bytes`);
    const resident = Number(
      /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${agent.process.pid}/status`, 'utf8'))?.[1],
    );
    assert.ok(resident < 4096, `the agent had ${resident} KiB`);
  }),
);

test('what goes in comes out: 64 MiB through cat, byte for byte', { skip: !root }, () =>
  withAgent(async (_agent, session) => {
    const bytes = createHash('shake256', { outputLength: 64 * 2 ** 20 })
      .update('seed')
      .digest();
    const { stdout, exit } = await run(session, ['cat'], {}, bytes);
    assert.ok(stdout.equals(bytes));
    assert.deepEqual(exit, { code: 0, oom: false });
  }),
);

test('a new session discards the old one: half frames, stale bytes, children', { skip: !root }, () =>
  withAgent(async (agent, first) => {
    const flood = await first.exec({
      argv: ['sh', '-c', 'echo $$ >&2; exec cat /dev/zero'],
      env: [],
      detached: false,
    });
    const pid = await new Promise<string>((resolve) =>
      flood.stderr.once('data', (piece: Buffer) => resolve(piece.toString().trim())),
    );
    const kept = await first.exec({ argv: ['sh', '-c', 'echo $$; exec sleep 600'], env: [], detached: true });
    const detached = await new Promise<string>((resolve) =>
      kept.stdout.once('data', (piece: Buffer) => resolve(piece.toString().trim())),
    );
    const raw = agent.lend(); // the first client is gone in the middle of everything
    raw.write(encodeFrame(FRAME.PING, 0, new Uint8Array(8)).subarray(0, 15));
    await using second = await guest.connect(agent.lend(), soon());
    assert.equal((await run(second, ['echo', 'again'])).stdout.toString(), 'again\n');
    await eventually(() => !processRunning(pid));
    assert.ok(processRunning(detached));
    process.kill(Number(detached), 'SIGKILL');
    await assert.rejects(flood.exit, { code: 'guest/link-lost' });
  }),
);

test('a violation ends the session, not the agent', { skip: !root }, () =>
  withAgent(async (agent) => {
    const pipe = agent.lend();
    const session = await guest.connect(pipe, soon());
    pipe.write(encodeFrame(FRAME.DATA, 77, Uint8Array.of(0, 1)));
    await session.closed;
    await using next = await guest.connect(agent.lend(), soon());
    assert.equal((await run(next, ['echo', 'alive'])).stdout.toString(), 'alive\n');
  }),
);

test('a tree goes in and comes out the same', { skip: !root }, () =>
  withAgent(async (_agent, session, folder) => {
    const [source, target] = [join(folder, 'tree'), join(folder, 'target')];
    mkdirSync(join(source, 'inner/empty'), { recursive: true });
    mkdirSync(target);
    writeFileSync(join(source, 'file'), 'text', { mode: 0o640 });
    writeFileSync(join(source, 'inner', 'n'.repeat(180)), Buffer.alloc(300_000, 'x'));
    writeFileSync(join(source, 'inner/program'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('../file', join(source, 'inner/link'));
    writeFileSync(join(source, 'sparse'), 'beginning');
    truncateSync(join(source, 'sparse'), 8 << 20);
    utimesSync(join(source, 'file'), 1_000_000_000, 1_000_000_000);
    utimesSync(join(source, 'inner'), 1_100_000_000, 1_100_000_000);
    const out = await finish(await session.get({ path: source, follow: false }));
    assert.deepEqual([out.exit.code, out.stderr], [0, '']);
    const put = await finish(await session.put({ path: target, keepOwner: false }), out.stdout);
    assert.deepEqual([put.exit.code, put.stderr], [0, '']);
    const copy = join(target, 'tree');
    for (const name of [
      'file',
      'inner',
      `inner/${'n'.repeat(180)}`,
      'inner/program',
      'inner/empty',
      'sparse',
    ]) {
      const [from, to] = [lstatSync(join(source, name)), lstatSync(join(copy, name))];
      assert.deepEqual([to.mode, to.isFile() && to.size], [from.mode, from.isFile() && from.size], name);
      assert.equal(Math.trunc(to.mtimeMs / 1000), Math.trunc(from.mtimeMs / 1000), name);
    }
    assert.equal(readlinkSync(join(copy, 'inner/link')), '../file');
    assert.ok(readFileSync(join(copy, 'inner', 'n'.repeat(180))).equals(Buffer.alloc(300_000, 'x')));
    assert.ok(readFileSync(join(copy, 'sparse')).equals(readFileSync(join(source, 'sparse'))));
    assert.ok(lstatSync(join(copy, 'sparse')).blocks * 512 < 1 << 20, 'holes stay holes');
  }),
);

test('an archive cannot leave its target', { skip: !root }, () =>
  withAgent(async (_agent, session, folder) => {
    const target = join(folder, 'target');
    mkdirSync(join(folder, 'outside'));
    mkdirSync(target);
    symlinkSync('../outside', join(target, 'link'));
    const evil = await run(session, [
      'sh',
      '-c',
      'cd /tmp && d=$(mktemp -d) && mkdir $d/link && echo x > $d/link/file && echo y > $d/up && tar -cP --transform "s,^up,../up," -C $d link/file up; rm -r $d',
    ]);
    const put = await finish(await session.put({ path: target, keepOwner: false }), evil.stdout);
    assert.equal(put.exit.code, 1);
    assert.match(put.stderr, /link\/file/);
    assert.match(put.stderr, /leaves the target/);
    assert.throws(() => lstatSync(join(folder, 'outside/file')));
    assert.throws(() => lstatSync(join(folder, 'up')));
  }),
);

test('files of /proc have their true size; facts of paths; input of the main process', { skip: !root }, () =>
  withAgent(async (agent, session, folder) => {
    const tar = await finish(await session.get({ path: '/proc/version', follow: false }));
    const version = readFileSync('/proc/version');
    assert.equal(Number.parseInt(tar.stdout.toString('latin1', 124, 135), 8), version.length);
    assert.ok(tar.stdout.subarray(512, 512 + version.length).equals(version));
    assert.deepEqual(await session.stat('/etc', soon()), {
      kind: 'directory',
      mode: 0o755,
      size: lstatSync('/etc').size,
    });
    assert.equal(await session.stat('/no/such/file', soon()), undefined);
    await assert.rejects(session.get({ path: '/no/such/file', follow: false }), { code: 'guest/not-found' });
    const main = await session.main();
    main.stdin.end('typed to the command');
    await eventually(() => readFileSync(join(folder, 'input'), 'utf8') === 'typed to the command<end>');
    assert.ok(agent.process.exitCode === null);
  }),
);

test('a hundred streams at once', { skip: !root }, () =>
  withAgent(async (_agent, session) => {
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) => run(session, ['echo', String(index)])),
    );
    assert.deepEqual(
      results.map((result) => result.stdout.toString()),
      results.map((_, index) => `${index}\n`),
    );
  }),
);
