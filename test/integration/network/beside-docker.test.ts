// Beside a real Docker with its rules and its policy DROP, in the namespace that stands for the host.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDockerd } from '../../containers/index.ts';
import { directory, file, symlink, tarOf } from '../../images/index.ts';
import { ask, contextFor, FAR, HOST, INTERNET, isSilent, makeLab } from './lab.ts';

const signal = AbortSignal.timeout(600_000);
const SERVE = 'mkdir -p /www; echo container > /www/index.html; httpd -f -p 80 -h /www';

test('container and VM reach the internet, and their ports are reached, before and after Docker rebuilt its chains', async () => {
  const lab = await makeLab();
  const folder = await mkdtemp(join(tmpdir(), 'ignite-beside-'));
  const docker = await startDockerd({ netns: lab.names.host });
  try {
    const rootfs = join(folder, 'rootfs.tar');
    const links = ['sh', 'mkdir', 'httpd', 'wget'].map((name) => symlink(`bin/${name}`, 'busybox'));
    const box = file('bin/busybox', await readFile('/bin/busybox'), { mode: 0o755 });
    await writeFile(rootfs, await tarOf([directory('bin'), box, ...links]));
    await docker.docker('import', rootfs, 'box:1');
    await lab.serve(lab.names.internet, { address: '0.0.0.0', port: 80, text: 'internet' });
    const filter = async () => (await lab.commands.run(['iptables-save', '-t', 'filter'])).stdout;
    assert.match(await filter(), /:FORWARD DROP/);

    await lab.network.rebuild(() => [], signal);
    const ports = [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' }] as const;
    const nic = await lab.network.bind({ vmUid: 'uid-1', ports }, [], signal);
    const guest = await lab.guest(1, nic);
    await lab.network.attach(nic, contextFor(1));
    await lab.serve(guest, { address: '0.0.0.0', port: 80, text: 'vm' });
    const runContainer = async () =>
      (await docker.docker('run', '-d', '-p', '8081:80', 'box:1', 'sh', '-c', SERVE)).trim();

    const whole = async (container: string) => {
      assert.equal(await ask(lab, guest, `http://${FAR}/`), `internet to ${HOST}`);
      assert.equal(await ask(lab, lab.names.internet, `http://${HOST}:8080/`), `vm to ${INTERNET}`);
      assert.equal(await ask(lab, lab.names.internet, `http://${HOST}:8081/`), 'container\n');
      const fetch = (url: string) => docker.docker('exec', container, 'wget', '-qO-', url);
      assert.equal(await fetch(`http://${FAR}/`), `internet to ${HOST}`);
      assert.match(await fetch(`http://${HOST}:8080/`), /^vm to /);
      assert.equal(await ask(lab, guest, `http://${HOST}:8081/`), 'container\n');
    };
    const container = await runContainer();
    await whole(container);

    // Everything of the filter table goes, with our accepts; Docker makes its own again.
    await docker.docker('rm', '-f', container);
    await lab.commands.run(['iptables', '-F']);
    await lab.commands.run(['iptables', '-X']);
    await docker.restart();
    assert.doesNotMatch(await filter(), /ign207/);
    assert.equal(await isSilent(lab, guest, `http://${FAR}/`), true);
    await lab.network.look(() => [{ nic, slot: 1, vmUid: 'uid-1' }], signal);
    assert.match(await filter(), /-A DOCKER-USER .*ign207/);
    const again = await runContainer();
    await whole(again);

    await docker.docker('rm', '-f', again);
    await lab.network.detach(nic, contextFor(1));
    await lab.network.removeAll(signal);
    assert.doesNotMatch(await filter(), /ign/);
    assert.match(await filter(), /DOCKER-USER/);
  } finally {
    await lab.network.removeAll(signal);
    await docker[Symbol.asyncDispose]();
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  }
});
