// A session with the real agent, and what tests do with it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createGuest,
  type ExecRequest,
  type GuestSession,
  type GuestStream,
} from '../../../engine/src/guest/index.ts';
import { type AgentProcess, startAgent } from './agent-process.ts';

/** The agent changes users and joins namespaces. */
export const root = process.getuid?.() === 0;
export const guest = createGuest({ initPath: '/nowhere' });
/** A deadline for what a test waits for. */
export const soon = () => AbortSignal.timeout(120_000);

/** Starts an agent, opens a session, and ends both. */
export async function withAgent(
  run: (agent: AgentProcess, session: GuestSession, folder: string) => Promise<void>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'ignite-agent-'));
  try {
    await using agent = startAgent(join(folder, 'input'));
    await using session = await guest.connect(agent.lend(), soon());
    await run(agent, session, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All bytes of a stream. */
export async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Ends the input, reads all output, waits for the end. */
export async function finish(stream: GuestStream, input?: Uint8Array) {
  if (input === undefined) stream.stdin.end();
  else stream.stdin.end(input);
  const [stdout, stderr, exit] = await Promise.all([
    readAll(stream.stdout),
    readAll(stream.stderr),
    stream.exit,
  ]);
  return { stdout, stderr: stderr.toString(), exit };
}

/** Runs a command to its end. */
export async function run(
  session: GuestSession,
  argv: readonly string[],
  more: Partial<ExecRequest> = {},
  input?: Uint8Array,
) {
  return finish(await session.exec({ argv, env: [], detached: false, ...more }), input);
}

/** Whether a process lives and is no zombie. */
export const processRunning = (pid: string): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** Waits for a fact, looking again every few milliseconds. */
export async function eventually(fact: () => boolean): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!fact()) {
    assert.ok(Date.now() < deadline, 'it did not become so');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
