// A VM on the default bridge of a real Docker, which runs in the namespace that stands for the host.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { spaceOf } from '../../../engine/src/network/given/space.ts';
import { createDockerBridge, type DockerNic } from '../../../engine/src/network/index.ts';
import { type Commands } from '../../../engine/src/host/index.ts';
import { type Dockerd, startDockerd } from '../../containers/index.ts';
import { directory, file, symlink, tarOf } from '../../images/index.ts';
import { endsEarly } from './dying-host.ts';
import { becomeGuest } from './given-guest.ts';
import {
  ask,
  contextFor,
  FAR,
  HOST,
  INTERNET,
  type Lab,
  makeLab,
  memoryClaims,
  ORDINAL,
  pings,
} from './lab.ts';

const SPAWN = resolve(import.meta.dirname, '../../../build/native/ignite-spawn');
const signal = AbortSignal.timeout(600_000);
const PORTS = [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' }] as const;
const SERVE = 'mkdir -p /www; echo container > /www/index.html; httpd -f -p 80 -h /www';

describe('Docker’s default bridge', () => {
  let lab: Lab;
  let docker: Dockerd;
  let folder = '';
  const instance = randomBytes(3).toString('hex');
  const driver = (commands?: Commands) =>
    createDockerBridge({
      commands: commands ?? lab.commands,
      instance,
      ordinal: ORDINAL,
      socket: docker.host.slice('unix://'.length),
      program: SPAWN,
      readText: async (path) => lab.files.get(path),
    });
  const containers = () => docker.docker('ps', '-aq');
  /** Rules and links of the host, namespaces of ours, containers and images. */
  const count = async () => {
    const ours = ['sh', '-c', `ls /run/netns | grep ignite-${ORDINAL}-${instance}`] as const;
    const spaces = await lab.commands.run(ours, { okCodes: [0, 1] });
    const host = (await lab.count())
      .replace(/(UP|DOWN) +([0-9a-f:]{17}) <.*>/g, '$2')
      .replace(/veth\S+/g, 'veth');
    return [host, spaces.stdout, await containers(), await docker.docker('images', '-q')].join('\n---\n');
  };

  before(async () => {
    lab = await makeLab();
    docker = await startDockerd({ netns: lab.names.host });
    folder = await mkdtemp(join(tmpdir(), 'ignite-docker-'));
    const rootfs = join(folder, 'rootfs.tar');
    const box = await readFile('/bin/busybox');
    const links = ['sh', 'mkdir', 'httpd', 'wget', 'sleep'].map((name) => symlink(`bin/${name}`, 'busybox'));
    await writeFile(
      rootfs,
      await tarOf([directory('bin'), file('bin/busybox', box, { mode: 0o755 }), ...links]),
    );
    await docker.docker('import', rootfs, 'box:1');
    await lab.serve(lab.names.internet, { address: '0.0.0.0', port: 80, text: 'internet' });
  });
  after(async () => {
    await docker[Symbol.asyncDispose]();
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('container and VM reach each other; the VM reaches the internet and is reached by its port', async () => {
    const id = (await docker.docker('run', '-d', 'box:1', 'sh', '-c', SERVE)).trim();
    const address = (await docker.docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', id)).trim();
    const was = await count();
    const claims = memoryClaims();
    const context = contextFor(1, claims);
    const nic = await driver().bind({ vmUid: 'uid-1', ports: PORTS }, [], signal);
    const { bound, netns, taps } = await driver().attach(nic, context);
    assert.ok(bound.mode === 'docker-bridge');
    const [given] = bound.given ?? [];
    assert.match(given?.address ?? '', /^172\.17\.0\.\d+$/);
    assert.deepEqual([given?.gateway, given?.prefixLength, taps.length], ['172.17.0.1', 16, 1]);
    assert.equal(await driver().observe(bound, context, signal), 'attached');

    const guest = `igt-${instance}-guest`;
    await becomeGuest(lab.commands, guest, netns.split('/').at(-1) ?? '', bound);
    try {
      await lab.serve(guest, { address: '0.0.0.0', port: 80, text: 'vm' });
      assert.equal(await ask(lab, guest, `http://${address}/`), 'container\n');
      assert.match(
        await docker.docker('exec', id, 'wget', '-qO-', `http://${given?.address}/`),
        /^vm to 172/,
      );
      assert.equal(await ask(lab, guest, `http://${FAR}/`), `internet to ${HOST}`);
      assert.equal(await ask(lab, lab.names.internet, `http://${HOST}:8080/`), `vm to ${INTERNET}`);
      assert.match((await ask(lab, lab.names.host, 'http://127.0.0.1:8080/')) ?? '', /^vm to /);
      assert.equal(await pings(lab, lab.names.host, given?.address ?? ''), true);
      // As many containers as it takes to see that the address is nobody else's.
      const others = await Promise.all(
        [1, 2, 3].map(() => docker.docker('run', '-d', 'box:1', 'sleep', '1000')),
      );
      const taken = await docker.docker(
        'inspect',
        '-f',
        '{{.NetworkSettings.IPAddress}}',
        ...others.map((one) => one.trim()),
      );
      assert.ok(!taken.split('\n').includes(given?.address ?? ''), taken);
      await docker.docker('rm', '-f', ...others.map((one) => one.trim()));
    } finally {
      await lab.commands.run(['ip', 'netns', 'del', guest]);
    }
    await driver().detach(bound, context);
    await driver().detach(bound, context);
    assert.deepEqual(claims.live(), []);
    assert.equal(await driver().observe(bound, context, signal), 'absent');
    assert.equal(await count(), was);
    await docker.docker('rm', '-f', id);
  });

  test('a port that a container has is refused in Docker’s or our words, and nothing is left', async () => {
    const id = (await docker.docker('run', '-d', '-p', '8080:80', 'box:1', 'sleep', '1000')).trim();
    const was = await count();
    const context = contextFor(1, memoryClaims());
    const nic: DockerNic = { mode: 'docker-bridge', network: 'docker-bridge', ports: PORTS };
    await assert.rejects(driver().attach(nic, context), /8080/);
    assert.deepEqual(context.claims.live(), []);
    assert.equal(await count(), was);
    await docker.docker('rm', '-f', id);
  });

  test('a daemon killed after any program or request leaves what the next one removes', async () => {
    const was = await count();
    const nic: DockerNic = { mode: 'docker-bridge', network: 'docker-bridge', ports: PORTS };
    let crashed = true;
    for (let limit = 1; crashed; limit++) {
      const context = contextFor(1, memoryClaims());
      crashed = await endsEarly(lab.commands, limit, async (commands) => {
        await driver(commands).attach(nic, context);
        await driver(commands).detach(nic, context);
      });
      await driver().detach(nic, context);
      assert.deepEqual(context.claims.live(), [], `after ${limit} programs`);
      assert.equal(await count(), was, `after ${limit} programs`);
    }
  });

  test('Docker started again has taken the VM’s place away: a look has it back, as soon as nobody else has it', async () => {
    const context = contextFor(1, memoryClaims());
    const nic: DockerNic = { mode: 'docker-bridge', network: 'docker-bridge', ports: PORTS };
    const own = driver();
    const { bound, netns } = await own.attach(nic, context);
    assert.ok(bound.mode === 'docker-bridge');
    const present = [{ nic: bound, slot: 1, vmUid: 'uid-1', vmName: 'vm1' }];
    const guest = `igt-${instance}-guest`;
    await becomeGuest(lab.commands, guest, netns.split('/').at(-1) ?? '', bound);
    try {
      await lab.serve(guest, { address: '0.0.0.0', port: 80, text: 'vm' });
      await docker.restart();
      assert.equal(await own.observe(bound, context, signal), 'partial');
      await driver().look?.(present); // the daemon, too, may be another by now
      assert.equal(await own.observe(bound, context, signal), 'attached');
      assert.equal(await ask(lab, lab.names.internet, `http://${HOST}:8080/`), `vm to ${INTERNET}`);
      assert.equal(await ask(lab, guest, `http://${FAR}/`), `internet to ${HOST}`);
      const kept = await containers();
      await own.look?.(present);
      assert.equal(await containers(), kept, 'what is in its place stays');
    } finally {
      await lab.commands.run(['ip', 'netns', 'del', guest]);
    }
    await docker.restart();
    const other = await docker.docker('run', '-d', 'box:1', 'sleep', '1000'); // gets the lowest address
    assert.deepEqual(await own.look?.(present), ['uid-1']);
    assert.deepEqual(await own.look?.(present), ['uid-1']);
    assert.equal(await own.observe(bound, context, signal), 'partial');
    await docker.docker('rm', '-f', other.trim());
    assert.deepEqual(await own.look?.(present), [], 'its address is free again');
    assert.equal(await own.observe(bound, context, signal), 'attached');
    const again = await own.attach(nic, context);
    assert.ok(again.bound.mode === 'docker-bridge');
    assert.equal(await own.observe(again.bound, context, signal), 'attached');
    await own.detach(nic, context);
    await own.look?.(present); // of a VM that has left
    assert.equal(await containers(), '');
    assert.doesNotMatch(await count(), new RegExp(spaceOf(instance, ORDINAL, 1).name));
  });
});

test('without Docker the error says so', async () => {
  const lab = await makeLab();
  try {
    const driver = createDockerBridge({
      commands: lab.commands,
      instance: 'a',
      ordinal: ORDINAL,
      socket: '/nonexistent/docker.sock',
      program: SPAWN,
      readText: async () => undefined,
    });
    await assert.rejects(driver.bind({ vmUid: 'a', ports: [] }, [], signal), { code: 'network/no-docker' });
  } finally {
    await lab.close();
  }
});
