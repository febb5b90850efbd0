// The part of an image configuration that says how it runs, in our own words (image-spec config.md).
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
    ...(config?.StopSignal ? { stopSignal: config.StopSignal } : {}),
  };
}
