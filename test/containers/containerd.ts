// Debian's containerd with folders and a socket of its own.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProgram } from './start-program.ts';

const execute = promisify(execFile);

export interface Containerd extends AsyncDisposable {
  readonly address: string;
  ctr(...argv: readonly string[]): Promise<string>;
  /** Ends it, without its containers, and starts it again. */
  restart(): Promise<void>;
}

/** Starts it; disposing ends it and removes its folders. */
export async function startContainerd(): Promise<Containerd> {
  const folder = await mkdtemp(join(tmpdir(), 'containerd-'));
  const address = join(folder, 'c.sock');
  const config = join(folder, 'config.toml');
  const lines = [
    'version = 2',
    `root = "${folder}/root"`,
    `state = "${folder}/state"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]',
    `[grpc]\naddress = "${address}"`,
    `[ttrpc]\naddress = "${address}.ttrpc"`,
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const ctr = async (...argv: readonly string[]) =>
    (await execute('ctr', ['--address', address, ...argv], { timeout: 300_000 })).stdout;
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const start = () => startProgram(['containerd', '--config', config], { ready: () => ctr('version') });
    let program = await start();
    return {
      address,
      ctr,
      restart: async () => {
        await program[Symbol.asyncDispose]();
        program = await start();
      },
      async [Symbol.asyncDispose]() {
        await program[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
