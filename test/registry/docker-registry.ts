// Debian's docker-registry on a free loopback port, with its data in a temporary folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** `http://127.0.0.1:40123` */
  readonly url: string;
}

export interface DockerRegistryOptions {
  /** Content of an htpasswd file (bcrypt only). */
  readonly htpasswd?: string;
  /** Paths of PEM files. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

const DEADLINE_MS = 180_000;
/** A port that was free can be taken a moment later by somebody else. */
const ATTEMPTS = 5;
/** Below the ports that the kernel hands out for outgoing connections (ip_local_port_range). */
const PORTS = { from: 12_000, to: 32_000 };

/** Starts a registry; disposing it ends the process and removes the folder. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnFreePort(options);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnFreePort(options: DockerRegistryOptions): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  await writeFile(join(folder, 'config.yml'), await configuration(folder, host, options));
  // It must not outlive a test that dies, nor keep one alive.
  const argv = ['--pdeathsig', 'KILL', '--', 'docker-registry', 'serve', join(folder, 'config.yml')];
  const child = spawn('setpriv', argv, { stdio: 'ignore' });
  child.unref();
  const dispose = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(host, child);
  } catch (error) {
    await dispose();
    throw error;
  }
  const url = `${options.tls === undefined ? 'http' : 'https'}://${host}`;
  return { host, url, [Symbol.asyncDispose]: dispose };
}

async function configuration(folder: string, host: string, options: DockerRegistryOptions): Promise<string> {
  const document: Record<string, unknown> = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: {
      addr: host,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
    },
  };
  if (options.htpasswd !== undefined) {
    await writeFile(join(folder, 'htpasswd'), options.htpasswd);
    document['auth'] = { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } };
  }
  return JSON.stringify(document); // JSON is YAML
}

/** A port that was free on all addresses a moment ago, and that the kernel gives to nobody by itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

async function listening(host: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + DEADLINE_MS;
  let failed: Error | undefined;
  child.once('error', (error) => {
    failed = error;
  });
  while (performance.now() < until) {
    if (failed !== undefined) throw failed;
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer !== undefined) return void (await answer.arrayBuffer());
    await delay(20);
  }
  throw new Error('docker-registry does not listen');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.ref();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
