// Firecracker's rate limiters: two token buckets, one of bytes and one of operations (its docs/api_requests/patch-block.md
// and swagger, RateLimiter). A bucket holds what a second brings, so that a burst is one second's worth.
import type { DiskLimits } from '../port.ts';

interface TokenBucket {
  readonly size: number;
  /** Milliseconds. */
  readonly refill_time: number;
}

interface RateLimiter {
  readonly bandwidth?: TokenBucket;
  readonly ops?: TokenBucket;
}

const SECOND_MS = 1000;
/** Switches a bucket off (its rate limiter's documentation); a bucket that a call leaves out stays as it was. */
const OFF: TokenBucket = { size: 0, refill_time: 0 };

/**
 * What one of `count` drives may do, so that all of them together do no more than the limits: each drive has a limiter
 * of its own. At least one operation and one byte a second.
 */
export function driveLimiter({ iops, bytesPerSecond }: DiskLimits, count: number): RateLimiter {
  return {
    ...(bytesPerSecond ? { bandwidth: bucket(bytesPerSecond / count) } : {}),
    ...(iops ? { ops: bucket(iops / count) } : {}),
  };
}

/** What may pass a NIC in each direction. */
export function nicLimiter(bytesPerSecond: number): RateLimiter {
  return { bandwidth: bucket(bytesPerSecond) };
}

/** For a change of a running VM: limits that no longer apply are removed explicitly. */
export function withoutLimit({ bandwidth = OFF, ops = OFF }: RateLimiter): RateLimiter {
  return { bandwidth, ops };
}

function bucket(perSecond: number): TokenBucket {
  return { size: Math.max(1, Math.floor(perSecond)), refill_time: SECOND_MS };
}
