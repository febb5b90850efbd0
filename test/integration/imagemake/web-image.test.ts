// The web image as another tool sees it. Needs apt and skopeo; the script writes build/images/ignite-web.tar.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostCommands } from '../../../engine/src/host/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
const commands = hostCommands();

test('images/web makes an archive that skopeo reads, with the configuration of an app', async () => {
  const options = { timeoutMs: 900_000, cwd: ROOT };
  const made = await commands.run([process.execPath, 'images/web/build.ts'], options);
  const archive = made.stdout.trim();
  assert.equal(archive, join(ROOT, 'build/images/ignite-web.tar'));
  const inspected = await commands.run(['skopeo', 'inspect', '--config', `oci-archive:${archive}`], options);
  const { config } = JSON.parse(inspected.stdout);
  assert.deepEqual(config.Entrypoint, ['/bin/httpd', '-f', '-v', '-h', '/srv']);
  assert.equal(config.User, 'web:web');
  assert.deepEqual(Object.keys(config.ExposedPorts), ['8080/tcp']);
});
