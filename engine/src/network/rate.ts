// Caps on the bytes that pass a tap, each way: rules of the family netdev that drop what exceeds the rate. tc's shapers are
// modules that some kernels lack; nftables is needed anyway. The ways are named as nft sees the tap: what the guest sends
// comes in there (nft(8), "netdev family": ingress; egress since Linux 5.16).
import { IgniteError, isIgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';
import type { Claims } from '../state/port.ts';

interface TapRate {
  /** Path of the network namespace that holds the tap. */
  readonly netns: string;
  readonly tap: string;
  readonly bytesPerSecond: number;
}

/** A burst must hold the largest segment that a guest hands over at once, 64 KiB, several times. */
const LEAST_BURST_BYTES = 256 << 10;
/** Longer bursts than a quarter of a second are no cap any more. */
const BURST_SHARE = 4;

/** Name of the table that caps a tap. */
function rateTable(tap: string): string {
  return `ignite_rate_${tap}`;
}

/** The script that caps a tap, whatever capped it before. Pure. */
export function rateScript({ tap, bytesPerSecond }: Omit<TapRate, 'netns'>): string {
  const table = rateTable(tap);
  const burst = Math.max(LEAST_BURST_BYTES, Math.floor(bytesPerSecond / BURST_SHARE));
  const over = `limit rate over ${bytesPerSecond} bytes/second burst ${burst} bytes drop`;
  const chain = (hook: string) => [
    `add chain netdev ${table} ${hook} { type filter hook ${hook} device "${tap}" priority 0; policy accept; }`,
    `add rule netdev ${table} ${hook} ${over}`,
  ];
  return `${[...removal(table), `add table netdev ${table}`, ...chain('ingress'), ...chain('egress')].join('\n')}\n`;
}

export interface TapRates {
  /** Caps a tap; idempotent. @throws IgniteError `network/cannot-limit` where the kernel or nft lack what it needs */
  limit(rate: TapRate, claims: Claims, signal: AbortSignal): Promise<void>;
  /** Takes all caps of a VM away; those of a namespace that is gone went with it. */
  unlimit(claims: Claims, signal: AbortSignal): Promise<void>;
}

/** Caps on taps of this host. */
export function createTapRates(commands: Commands): TapRates {
  return {
    limit: (rate, claims, signal) => limitTap(commands, rate, claims, signal),
    unlimit: (claims, signal) => unlimitTaps(commands, claims, signal),
  };
}

async function limitTap(
  commands: Commands,
  rate: TapRate,
  claims: Claims,
  signal: AbortSignal,
): Promise<void> {
  const claim = { kind: 'rules', name: rateTable(rate.tap) } as const;
  await claims.claim(claim, { netns: rate.netns });
  try {
    await runNft(commands, rate.netns, rateScript(rate), signal);
  } catch (cause) {
    if (!isIgniteError(cause, 'host/command-failed')) throw cause;
    await claims.gone(claim);
    throw new IgniteError(
      'network/cannot-limit',
      `The rate of the interface ${rate.tap} cannot be limited here`,
      {
        cause,
      },
    );
  }
  await claims.made(claim, { netns: rate.netns });
}

async function unlimitTaps(commands: Commands, claims: Claims, signal: AbortSignal): Promise<void> {
  for (const { kind, name, data } of claims.live()) {
    if (kind !== 'rules' || !name.startsWith(rateTable(''))) continue;
    const script = `${removal(name).join('\n')}\n`;
    await runNft(commands, String(data?.['netns'] ?? ''), script, signal).catch((error: unknown) => {
      if (!isIgniteError(error, 'host/command-failed')) throw error;
    });
    await claims.gone({ kind, name });
  }
}

function removal(table: string): readonly string[] {
  return [`add table netdev ${table}`, `delete table netdev ${table}`];
}

function runNft(commands: Commands, netns: string, script: string, signal: AbortSignal) {
  return commands.run(['nft', '-f', '-'], { netns, input: script, signal });
}
