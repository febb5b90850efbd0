// `ignite doctor`: needs no root and no daemon; the exit status says whether all is well.
import type { CommandContext } from '../context.ts';
import { checks, portCheck } from '../doctor/checks.ts';
import { realHost } from '../doctor/host.ts';
import { type Result, runChecks } from '../doctor/run-checks.ts';
import { escapeText } from '../output/escape.ts';
import { usage } from '../usage-error.ts';

const SIGN = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

export async function run({ flags, host, out }: CommandContext): Promise<number> {
  const ports = flags.list('ports').map(portOf);
  const results = await runChecks(realHost(host.env, host.uid), [...checks, ...ports.map(portCheck)]);
  const bad = results.some((result) => result.verdict === 'failed');
  if (flags.string('output') === 'json')
    out.data(JSON.stringify({ ok: !bad, checks: results }, undefined, 2));
  else for (const line of resultLines(results, flags.bool('quiet'))) out.data(line);
  return bad ? 1 : 0;
}

function portOf(word: string): number {
  const port = Number(word);
  if (!/^\d{1,5}$/.test(word) || port < 1 || port > 65_535)
    throw usage(`--ports takes numbers from 1 to 65535, not "${word}"`);
  return port;
}

function resultLines(results: readonly Result[], quiet: boolean): readonly string[] {
  const width = Math.max(...results.map((result) => result.name.length));
  const shown = quiet ? results.filter((result) => result.verdict !== 'ok') : results;
  const lines = shown.flatMap(({ verdict, name, text, mend }) => [
    escapeText(`${SIGN[verdict]}  ${name.padEnd(width)}  ${text}`),
    ...(mend === undefined ? [] : [`${' '.repeat(11 + width)}→ ${mend}`]),
  ]);
  const bad = results.filter((result) => result.verdict === 'failed').length;
  const sum =
    bad === 0
      ? 'VMs can run on this host.'
      : `VMs cannot run on this host: ${bad} of ${results.length} checks failed.`;
  return quiet ? lines : [...lines, '', sum];
}
