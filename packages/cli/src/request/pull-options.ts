// How images are fetched for a command: credentials of the caller, registries without verified TLS.
import { resolve } from 'node:path';
import type { FlagValues } from '../argv/index.ts';
import type { CliHost } from '../host.ts';
import { usage } from '../usage-error.ts';
import { type Credentials, findCredentials } from '../credentials/index.ts';
import { hostCredentialFolder } from './manifest.ts';

/** Part of several requests. */
export interface PullOptions {
  readonly credentials?: Credentials[];
  readonly insecureRegistries?: string[];
}

/** Credentials and insecure registries for some references; `directory` where `--registry-config-dir` says nothing. */
export async function pullOptions(
  host: CliHost,
  flags: FlagValues,
  references: readonly string[],
  directory?: string,
): Promise<PullOptions> {
  checkPlatform(flags.string('platform'));
  const given = flags.string('registry-config-dir');
  const credentials = await findCredentials(host, references, {
    directory: given === undefined ? directory : resolve(host.cwd, given),
    last: await hostCredentialFolder(host.env),
  });
  const insecure = insecureRegistries(host, flags);
  return {
    ...(credentials.length === 0 ? {} : { credentials: [...credentials] }),
    ...(insecure.length === 0 ? {} : { insecureRegistries: [...insecure] }),
  };
}

/** Registries that may be spoken to without verified TLS: the flag's, and those of the original's variable. */
export function insecureRegistries(host: CliHost, flags: FlagValues): readonly string[] {
  const named = (host.env['IGNITE_CONTAINERD_INSECURE_REGISTRIES'] ?? '').split(',').map((one) => one.trim());
  return [...flags.list('insecure-registry'), ...named.filter((one) => one !== '')];
}

/** A VM runs on this host's processor. @throws IgniteError `cli/usage` */
export function checkPlatform(platform: string | undefined): void {
  const own = process.arch === 'x64' ? 'amd64' : process.arch;
  if (platform === undefined || platform === `linux/${own}` || platform === own || platform === 'linux')
    return;
  if (own === 'arm64' && platform === 'linux/arm64/v8') return;
  throw usage(`--platform ${platform} is refused: VMs of this host run linux/${own}`);
}
