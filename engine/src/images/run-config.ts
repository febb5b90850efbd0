// The part of an image configuration that says how it runs, in our own words (image-spec config.md).
import type { HealthCheck } from '@ignite/api';
import type { ImageRunConfig } from './port.ts';
import type { ImageConfig } from './schema.ts';

/** The run configuration of an image. */
export function runConfigOf(image: ImageConfig): ImageRunConfig {
  const config = image.config;
  return {
    entrypoint: config?.Entrypoint ?? [],
    cmd: config?.Cmd ?? [],
    env: config?.Env ?? [],
    user: config?.User ?? '',
    workdir: config?.WorkingDir ?? '',
    exposedPorts: Object.keys(config?.ExposedPorts ?? {}),
    labels: config?.Labels ?? {},
    ...healthCheckOf(config?.Healthcheck),
    ...(config?.StopSignal ? { stopSignal: config.StopSignal } : {}),
  };
}

type DockerHealth = NonNullable<NonNullable<ImageConfig['config']>['Healthcheck']>;

const NANOSECONDS = 1e9;
const DAY = 86_400;

/** HEALTHCHECK of a Dockerfile; one we cannot read is none, for the image still runs. */
function healthCheckOf(health: DockerHealth | null | undefined): { readonly healthCheck?: HealthCheck } {
  const [how, ...words] = health?.Test ?? [];
  const seconds = (nanoseconds: number | null | undefined) => Math.min(DAY, (nanoseconds ?? 0) / NANOSECONDS);
  if (health == null || how === undefined) return {};
  if (how === 'NONE') return { healthCheck: { kind: 'none' } };
  const command = how === 'CMD-SHELL' ? ['/bin/sh', '-c', words.join(' ')] : words;
  if (words.length === 0 || (how !== 'CMD' && how !== 'CMD-SHELL')) return {};
  const times = {
    interval: seconds(health.Interval),
    timeout: seconds(health.Timeout),
    startPeriod: seconds(health.StartPeriod),
    retries: Math.min(1000, Math.max(0, Math.trunc(health.Retries ?? 0))),
  };
  const said = Object.fromEntries(Object.entries(times).filter(([, value]) => value > 0)); // 0 is Docker's default
  return { healthCheck: { kind: 'exec', command, ...said } };
}
