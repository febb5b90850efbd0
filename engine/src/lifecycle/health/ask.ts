// Asks a VM once whether it is healthy: by its agent, a command in it, or a connection to it.
import { timerMs } from '@ignite/api/durations';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { GuestSession } from '../../guest/port.ts';
import { addressesOf, type BoundNic } from '../../network/index.ts';
import { guestOutput } from '../connect/guest-output.ts';
import type { Answer, FullCheck } from './judge.ts';

interface Askable {
  readonly nics: readonly BoundNic[];
  session(signal: AbortSignal): Promise<GuestSession>;
}

/** As much as is kept of what a check says, as in Docker. */
const OUTPUT_BYTES = 4096;
const FAILS_FROM = 400;
const WELL: Answer = { healthy: true, output: '' };

/** One answer; a check that is late, or cannot be made, counts as failed. @param signal aborted when the answer is not needed */
export async function ask(check: FullCheck, vm: Askable, signal: AbortSignal): Promise<Answer> {
  const late = AbortSignal.timeout(timerMs(check.timeoutMs));
  const until = AbortSignal.any([signal, late]);
  try {
    return await askOnce(check, vm, until);
  } catch (error) {
    signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    return { healthy: false, output: late.aborted ? `No answer within ${check.timeoutMs / 1000} s` : words };
  }
}

async function askOnce(check: FullCheck, vm: Askable, until: AbortSignal): Promise<Answer> {
  switch (check.kind) {
    case 'agent':
      await (await vm.session(until)).ping(until);
      return WELL;
    case 'exec':
      return askCommand(check.command, await vm.session(until), until);
    case 'tcp':
      return askTcp(placeOf(vm.nics, check.port), until);
    case 'http':
      return askHttp(placeOf(vm.nics, check.port), check.path, until);
  }
}

async function askCommand(
  argv: readonly string[],
  session: GuestSession,
  until: AbortSignal,
): Promise<Answer> {
  const { exit, out, err } = await guestOutput(session, { argv }, OUTPUT_BYTES, until);
  if (exit.code === 0) return WELL;
  const how = exit.signal === undefined ? `exit ${exit.code}` : `signal ${exit.signal}`;
  return { healthy: false, output: `${how}: ${out}${err}`.slice(0, OUTPUT_BYTES).trimEnd() };
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Where a port of the VM can be reached from here: at its address, in a network of its own only where it is published. */
function placeOf([nic]: readonly BoundNic[], port: number): Place {
  if (nic === undefined) throw new Error('The VM has no network');
  if (nic.mode !== 'user') return { host: addressOf(nic), port };
  const published = nic.ports.find(({ vmPort, protocol }) => vmPort === port && protocol === 'tcp');
  if (published === undefined)
    throw new Error(`Port ${port} must be published (-p) to be checked in a user network`);
  const { bindAddress = '0.0.0.0', hostPort } = published;
  return { host: bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress, port: hostPort };
}

function addressOf(nic: BoundNic): string {
  const [address] = addressesOf(nic);
  if (address === undefined) throw new Error('The VM has no address');
  return address;
}

async function askTcp({ host, port }: Place, until: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const socket = connect({ host, port, signal: until });
  socket.once('connect', () => resolve(WELL));
  socket.once('error', reject);
  try {
    return await promise;
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}

async function askHttp({ host, port }: Place, path: string, until: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<
    Readable & { readonly statusCode?: number | undefined }
  >();
  const asked = request({
    host,
    port,
    path,
    signal: until,
    agent: false,
    headers: { 'user-agent': 'ignite-health' },
  });
  asked.once('response', resolve);
  asked.once('error', reject);
  asked.end();
  try {
    const answer = await promise;
    const code = answer.statusCode ?? 0;
    if (code < FAILS_FROM) return WELL;
    return { healthy: false, output: `HTTP ${code}: ${await shortText(answer)}` };
  } finally {
    asked.on('error', () => {});
    asked.destroy();
  }
}

async function shortText(answer: Readable): Promise<string> {
  return (await text(answer.take(1))).slice(0, OUTPUT_BYTES).trimEnd();
}
