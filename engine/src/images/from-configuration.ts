// What the user's Configuration says about registries and imports, in this room's own terms.
import { join } from 'node:path';
import type { ConfigurationSpec } from '@ignite/api';
import type { ImportLimits } from './limits.ts';
import { canonicalRegistry, defaultRegistrySettings, type RegistrySettings } from './registry/index.ts';

/**
 * Registry settings of a host.
 * @param environment proxy variables
 */
export function registrySettings(
  configuration: ConfigurationSpec,
  environment: Readonly<Record<string, string | undefined>>,
): Partial<RegistrySettings> {
  const { insecureRegistries = [], registryMirrors = {}, registryConfigDir } = configuration;
  const own = registryConfigDir === undefined ? [] : [join(registryConfigDir, 'certs.d')];
  return {
    environment,
    insecureRegistries,
    mirrors: Object.fromEntries(
      Object.entries(registryMirrors).map(([registry, mirrors]) => [canonicalRegistry(registry), mirrors]),
    ),
    certificateFolders: [...own, ...defaultRegistrySettings.certificateFolders],
  };
}

/** Limits of imports; what is left out keeps its default. */
export function importLimits(imports: ConfigurationSpec['imports'] = {}): Partial<ImportLimits> {
  const { maxSize, maxEntries, maxRatio, maxMemory, devices } = imports;
  return {
    ...(maxSize === undefined ? {} : { maxUnpackedBytes: maxSize }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
    ...(maxRatio === undefined ? {} : { maxRatio }),
    ...(maxMemory === undefined ? {} : { maxMemoryBytes: maxMemory }),
    ...(devices === undefined ? {} : { devices }),
  };
}
