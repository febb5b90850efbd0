// What VMs of ours are compared with: bare QEMUs with taps on a plain bridge, in a network namespace that stands for a
// host, so that nothing of it is on this one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { runProgram } from '../e2e/world/program.ts';
import { startBare } from './bare.ts';
import type { Through } from './iperf.ts';
import type { Template } from './template.ts';

export interface PlainHost extends AsyncDisposable {
  readonly through: Through;
}

/** What the bare guest of this number has for a network in QEMU's words: a tap with QEMU's own defaults. */
export function plainTap(index: number): string {
  return `tap,id=nic0,ifname=tap${index},script=no,downscript=no`;
}

/** Starts a guest per template. @param address of the host with its prefix length: the guests' gateway */
export async function openPlainHost(address: string, templates: readonly Template[]): Promise<PlainHost> {
  await using stack = new AsyncDisposableStack();
  // The namespace is gone with its last process, however the benchmark ends: the keeper's stdin ends then, too.
  const keeper = spawn('unshare', ['--net', 'sh', '-c', 'echo there; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  stack.defer(async () => {
    const ended = once(keeper, 'exit');
    keeper.stdin.end();
    await ended;
  });
  await once(keeper.stdout, 'data');
  const through = ['nsenter', `--net=/proc/${keeper.pid}/ns/net`];
  const lines = [
    'link set dev lo up',
    'link add br0 type bridge stp_state 0 forward_delay 0',
    ...templates.flatMap((_, index) => [
      `tuntap add dev tap${index} mode tap vnet_hdr`,
      `link set dev tap${index} master br0 up`,
    ]),
    `address add ${address} dev br0`,
    'link set dev br0 up',
  ];
  const made = await runProgram([...through, 'ip', '-batch', '-'], { stdin: `${lines.join('\n')}\n` });
  if (made.code !== 0) throw new Error(`The plain bridge: ${made.stderr}`);
  for (const template of templates) {
    await copyFile(template.freshDisk, template.disk);
    const join = `${template.shares.map((path) => `echo $$ > ${path};`).join(' ')} exec "$@"`;
    const guest = startBare(template, [...through, 'sh', '-c', join, 'sh']);
    stack.defer(() => guest.end());
    await guest.printed;
  }
  const opened = stack.move();
  return { through, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
