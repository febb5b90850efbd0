// Our daemon with a state of its own, and the CLI against it: no VM is needed to try what images can do.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startProgram } from './start-program.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CLI = join(ROOT, 'packages/cli/src/main.ts');
const DAEMON = join(ROOT, 'packages/daemon/src/main.ts');

export interface Caught {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

export interface Ignited extends AsyncDisposable {
  readonly pid: number;
  readonly folder: string;
  readonly state: string;
  /** HOME of the commands; nothing of the host's own credentials is seen. */
  readonly home: string;
  run(argv: readonly string[], options?: RunOptions): Promise<Caught>;
}

/**
 * Starts the daemon; disposing ends it and removes all its files.
 * @param configuration the spec of its Configuration, JSON
 */
export async function startIgnited(configuration: object = {}): Promise<Ignited> {
  const folder = await mkdtemp(join(tmpdir(), 'ignited-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const file = join(folder, 'config.yaml');
  const kind = { apiVersion: 'ignite.vm/v1beta1', kind: 'Configuration', spec: configuration };
  await writeFile(file, JSON.stringify(kind)); // JSON is YAML
  const home = await mkdtemp(join(folder, 'home-'));
  const socket = join(folder, 'run', 'ignited.sock');
  const run = (argv: readonly string[], { env, stdin }: RunOptions = {}) =>
    command([process.execPath, CLI, '--host', socket, ...argv], stdin, {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      IGNITE_CONFIG: file,
      ...env,
    });
  const ready = async () => {
    const { code, stderr } = await run(['images']);
    if (code !== 0) throw new Error(stderr);
  };
  const state = join(folder, 'state');
  const places = ['--state-dir', state, '--run-dir', join(folder, 'run'), '--ignite-config', file];
  try {
    const daemon = await startProgram([process.execPath, DAEMON, ...places], { ready });
    return {
      pid: daemon.pid,
      folder,
      state,
      home,
      run,
      async [Symbol.asyncDispose]() {
        await daemon[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

const TIMEOUT_MS = 600_000;

function command(
  [program = '', ...args]: readonly string[],
  stdin: string | Uint8Array | undefined,
  env: Readonly<Record<string, string>>,
): Promise<Caught> {
  return new Promise((done) => {
    const child = execFile(
      program,
      args,
      { env, timeout: TIMEOUT_MS, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
        done({ code, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin ?? '');
  });
}
