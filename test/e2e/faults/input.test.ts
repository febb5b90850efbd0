// Bad input: each gives one error that names the stage and the way out, and leaves nothing behind.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { ARCHITECTURE, buildImage, file, pushImage } from '../../images/index.ts';
import { freePort } from '../../registry/docker-registry.ts';
import {
  ignite,
  igniteOk,
  image,
  inspect,
  place,
  pushBusybox,
  registry,
  startSleeper,
  vmName,
} from '../world/index.ts';
import { assertNothingMore, traces } from './own-daemon.ts';
import { type Expected, assertFails } from './shown.ts';

let usual: readonly string[] = [];

/** Runs a command that must fail, and looks at what it leaves. */
async function fails(argv: readonly string[], expected: Expected): Promise<void> {
  assertFails(await ignite(argv), expected);
  await assertNothingMore(place(), usual);
}

before(async () => {
  await igniteOk(['run', '--rm', image('busybox'), 'true']); // the network is there from now on
  usual = await traces(place());
});

describe('an image', () => {
  test('that is not in the registry', () =>
    fails(['run', image('no-such'), 'true'], {
      code: 125,
      says: /no-such:1.*404/,
      stage: 'image',
      hint: /Check the spelling/,
    }));

  test('of a registry that is down', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    await fails(['run', `${host}/busybox:1`, 'true'], {
      code: 125,
      says: new RegExp(`Registry ${host} cannot be reached: nothing listens there`),
      stage: 'image',
      hint: /Check the network/,
    });
  });

  test('for another architecture', async () => {
    const other = ARCHITECTURE === 'amd64' ? 'arm64' : 'amd64';
    const entries = [file('bin/sh', 'x', { mode: 0o755 })];
    const built = await buildImage({ layers: [{ entries }], architecture: other });
    await pushImage(`http://${registry()}`, 'foreign', '1', built);
    await fails(['run', image('foreign'), 'true'], {
      code: 125,
      says: new RegExp(`foreign:1.*${other}`),
      stage: 'image',
      hint: /architecture/,
    });
  });

  test('with no command and no init', async () => {
    await pushBusybox(registry(), 'nothing', {});
    await fails(['run', image('nothing')], {
      code: 125,
      says: /nothing:1 names no command and has no init/,
      stage: 'image',
      hint: /ignite run IMAGE COMMAND/,
    });
  });
});

test('a kernel that is not there', () =>
  fails(['run', '-k', image('no-kernel'), image('busybox'), 'true'], {
    code: 125,
    says: /no-kernel:1/,
    stage: 'kernel',
    hint: /\w/,
  }));

describe('what another VM has', () => {
  test('its name', async (t) => {
    const holder = vmName(t, 'holder');
    const uid = await igniteOk(['create', '--name', holder, image('busybox'), 'true']);
    const held = await traces(place());
    const ended = await ignite(['run', '--name', holder, image('busybox'), 'true']);
    assertFails(ended, { code: 125, says: new RegExp(`${holder} belongs to the VM ${uid}`), hint: /--name/ });
    await assertNothingMore(place(), held);
  });

  test('its port', async (t) => {
    const port = await freePort();
    const holder = await startSleeper(t, 'holder', ['-p', `${port}:80`]);
    const held = await traces(place());
    const ended = await ignite(['run', '-p', `${port}:8080`, image('busybox'), 'true']);
    assertFails(ended, {
      code: 125,
      says: new RegExp(`Port ${port}/tcp of the host is taken by VM ${holder}`),
      stage: 'network',
      hint: /-p HOST:VM/,
    });
    await assertNothingMore(place(), held);
  });
});

describe('a port that a program of the host has', () => {
  test('makes `run` fail and leaves no VM', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    t.after(() => server.close());
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    await fails(['run', '-p', `${address.port}:80`, image('busybox'), 'true'], {
      code: 125,
      says: new RegExp(`Port ${address.port}/tcp of the host is taken by .*\\(pid ${process.pid}\\)`),
      stage: 'network',
      hint: /stop the holder/,
    });
  });

  test('keeps a VM that is started as failed, and it starts when the port is free', async (t) => {
    const port = await freePort();
    const vm = vmName(t, 'waits');
    await igniteOk(['create', '--name', vm, '-p', `${port}:80`, image('busybox'), 'sleep', '1000']);
    const server = createServer().listen(port, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const runFolder = join(place().run, String((await inspect(vm)).bound?.slot));
    const created = [...(await traces(place())), `file ${runFolder}`];

    const expected = { code: 1, says: /is taken by/, stage: 'network', hint: /stop the holder/ };
    assertFails(await ignite(['start', vm]), expected);

    await assertNothingMore(place(), created);
    const { status } = await inspect(vm);
    assert.deepEqual(
      { state: status.state, stage: status.stage, reason: status.reason },
      { state: 'failed', stage: 'network', reason: 'network/port-taken' },
    );
    await new Promise((resolve) => server.close(resolve));
    await igniteOk(['start', vm]);
    assert.equal((await inspect(vm)).status.state, 'running');
  });
});

describe('a manifest', () => {
  for (const [what, text, says] of [
    [
      'with a wrong type and an unknown field',
      '  image: {oci: a/b:1}\n  cpus: many\n  memoryy: 3\n',
      /line 7, column 9: spec\.cpus.*line 8, column 3: spec\.memoryy/,
    ],
    ['that is no YAML', '  image: [\n', /line 7, column 1/],
  ] as const)
    test(`${what} is told with line and column`, async () => {
      const path = join(place().scratch, 'manifest.yaml');
      const head = 'apiVersion: ignite.weave.works/v1alpha4\nkind: VM\nmetadata:\n  name: x\nspec:\n';
      await writeFile(path, head + text);
      await fails(['run', '--config', path], { code: 125, says, hint: /Mend the places/ });
    });

  test('that is not there', () =>
    fails(['run', '--config', '/no/such.yaml'], { code: 125, says: /\/no\/such\.yaml/, hint: /path/ }));
});
