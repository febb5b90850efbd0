// Objects in files of the caller: `--config FILE`, a manifest of one VM, and `--ignite-config FILE`. The parser with
// its schemas is loaded only here.
import { readFile } from 'node:fs/promises';
import type { RequestBody } from '@ignite/api';
import { IgniteError } from '@ignite/api/errors';
import type { CliHost } from '../host.ts';
import { readText } from './files.ts';

/** The daemon's own, for its users to read. */
const HOST_CONFIGURATION = '/etc/ignite/config.yaml';

type CreateBody = RequestBody<'createVm'>;

/** What a manifest says of a VM to be made. */
export interface ManifestPart {
  readonly metadata?: NonNullable<CreateBody['metadata']>;
  readonly spec: CreateBody['spec'];
  readonly idPrefix?: string | undefined;
  /** The manifest is the original's, where an image with an init is a machine (CLI rule 3). */
  readonly expectsMachine?: true;
}

/** What a Configuration says for this command alone. */
export interface ConfigurationPart {
  readonly spec: CreateBody['spec'];
  readonly idPrefix?: string | undefined;
  readonly registryConfigDir?: string | undefined;
}

/**
 * Reads a manifest of one VM.
 * @throws IgniteError with line and column of all that is wrong
 */
export async function readManifest(path: string, cwd: string): Promise<ManifestPart> {
  const text = await readText(path, cwd);
  const { parseVmManifest, specDocument } = await import('@ignite/api/manifest');
  const { idPrefix, legacy, metadata, spec } = parseVmManifest(text, path);
  return { metadata, spec: specDocument(spec), idPrefix, ...(legacy ? { expectsMachine: true } : {}) };
}

/**
 * Reads a Configuration, of which a single command takes the defaults of VMs and the places of credentials.
 * @throws IgniteError with line and column of all that is wrong
 */
export async function readConfiguration(path: string, cwd: string): Promise<ConfigurationPart> {
  const text = await readText(path, cwd);
  const { parseManifest, specDocument } = await import('@ignite/api/manifest');
  const [first, second] = parseManifest(text, path);
  if (first?.kind !== 'Configuration' || second !== undefined)
    throw new IgniteError('api/invalid-manifest', `${path} must hold exactly one Configuration`);
  const { idPrefix, networkPlugin, registryConfigDir, runtime, vmDefaults = {} } = first.spec;
  const { network } = vmDefaults;
  const spec = specDocument({
    ...(runtime === undefined ? {} : { runtime }),
    ...vmDefaults,
    ...(networkPlugin === undefined ? {} : { network: { mode: networkPlugin, ...network } }),
  });
  return { spec, idPrefix, registryConfigDir };
}

/** Where the Configuration of this host keeps credentials, if it says so and the caller may read it. */
export async function hostCredentialFolder(env: CliHost['env']): Promise<string | undefined> {
  const path = env['IGNITE_CONFIG'] || HOST_CONFIGURATION;
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!text.includes('registryConfigDir')) return undefined; // the parser is not loaded for nothing
  return (await readConfiguration(path, '/')).registryConfigDir;
}
