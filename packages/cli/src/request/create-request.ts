// From the flags of `create` and `run` to the request: what the user typed, and what only the caller can read.
import { resolve } from 'node:path';
import type { RequestBody } from '@ignite/api';
import { IgniteError } from '@ignite/api/errors';
import { parsePorts } from '@ignite/api/ports';
import { parseRestartPolicy } from '@ignite/api/restart-policy';
import type { FlagValues } from '../argv/index.ts';
import type { CommandContext } from '../context.ts';
import { parseDetachKeys } from '../terminal/detach-keys.ts';
import { signalName } from '../terminal/signals.ts';
import { usage } from '../usage-error.ts';
import { readCaps } from './caps.ts';
import { readEnv } from './env.ts';
import { readHealth } from './health.ts';
import { refuseKernelFile } from './kernel-word.ts';
import { readLabels } from './labels.ts';
import { type ConfigurationPart, type ManifestPart, readConfiguration, readManifest } from './manifest.ts';
import { networkFlags, pluginNetwork } from './network-words.ts';
import { policyFlags } from './policy-words.ts';
import { optional } from './optional.ts';
import { pullOptions } from './pull-options.ts';
import { runtimeWord } from './runtime-word.ts';
import { sendSeedFiles } from './seed-files.ts';
import { readPublicKey } from './ssh-key.ts';
import { readTmpfs } from './tmpfs.ts';
import { readVolumes } from './volumes.ts';

type CreateBody = RequestBody<'createVm'>;
type Spec = CreateBody['spec'];
type Vmm = NonNullable<Spec['vmm']>;

const VMMS: readonly Vmm[] = ['firecracker', 'cloud-hypervisor', 'qemu'];

/**
 * The request for the VM that was asked for: manifest, then image, then flags (CFG-01).
 * @throws IgniteError `cli/…` for what the caller got wrong, before anything is made
 */
export async function createRequest(context: CommandContext): Promise<CreateBody> {
  const { flags, host, operands } = context;
  pluginNetwork(flags);
  await refuseKernelFile(context);
  const own = await configuration(context);
  const base = await manifest(context, own);
  const image = operands[0];
  const key = await publicKey(flags, base.spec, host.cwd);
  const volumes = await readVolumes(flags.list('volumes'), host.cwd, host.env['HOME']);
  const spec: Spec = {
    ...base.spec,
    ...(image === undefined ? {} : { image: { oci: image } }),
    ...machineSpec(flags, base.spec),
    ...supervisorSpec(flags),
    ...capSpec(flags, base.spec),
    ...(await commandSpec(context)),
    ...connectionSpec(context, base.spec),
    ...(volumes === undefined ? {} : { storage: volumes.storage }),
    ...(flags.has('tmpfs') ? { tmpfs: readTmpfs(flags.list('tmpfs')) } : {}),
    ...(key === undefined ? {} : { ssh: key }),
    ...optional('healthCheck', readHealth(flags, base.spec.healthCheck)),
  };
  const reference = spec.image?.oci;
  if (reference === undefined) throw usage('An image is needed: as operand, or in the manifest of --config');
  if (reference.trim() === '') throw usage('The image is an empty word: is a variable unset?');
  checkWords(flags);
  const metadata = await metadataOf(context, base);
  const copied = copyWords(flags, base.spec);
  const references = [reference, ...(spec.kernel?.oci === undefined ? [] : [spec.kernel.oci])];
  const pull = pullPolicy(flags);
  const idPrefix = flags.string('id-prefix') ?? base.idPrefix ?? own.idPrefix;
  const { copyFiles: _read, ...sent } = spec;
  const pulling = await pullOptions(host, flags, references, own.registryConfigDir);
  return {
    ...(metadata === undefined ? {} : { metadata }),
    spec: { ...sent, ...(copied.length === 0 ? {} : { copyFiles: copied.map(copyFile(host.cwd)) }) },
    ...(idPrefix === undefined ? {} : { idPrefix }),
    ...optional('expectsMachine', base.expectsMachine),
    ...(volumes === undefined || volumes.hostPaths.length === 0 ? {} : { hostPaths: [...volumes.hostPaths] }),
    ...(typeof key === 'string' ? { authorizedKeys: [key] } : {}),
    ...(pull === undefined ? {} : { pull }),
    ...pulling,
    ...(await sendSeedFiles(context, copied)), // last: all else is known to be right
  };
}

/** `--ignite-config`: for this command instead of the host's (CLI rule 21). */
async function configuration({ flags, host }: CommandContext): Promise<ConfigurationPart> {
  const path = flags.string('ignite-config');
  return path === undefined ? { spec: {} } : await readConfiguration(path, host.cwd);
}

/** The manifest over the defaults of the Configuration. */
async function manifest({ flags, host }: CommandContext, own: ConfigurationPart): Promise<ManifestPart> {
  const path = flags.string('config');
  if (path === undefined) return { spec: own.spec };
  const read = await readManifest(path, host.cwd);
  return { ...read, spec: { ...own.spec, ...read.spec } };
}

function pullPolicy(flags: FlagValues): 'missing' | 'always' | 'never' | undefined {
  const word = flags.string('pull');
  return word === 'missing' || word === 'always' || word === 'never' ? word : undefined;
}

/** `--runtime` and `--sandbox-image` (CLI rule 23): who runs the supervisor, and the image of its container. */
function supervisorSpec(flags: FlagValues): Spec {
  const image = flags.string('sandbox-image');
  return {
    ...optional('runtime', runtimeWord(flags)),
    ...(image === undefined ? {} : { sandbox: { oci: image } }),
  };
}

async function metadataOf(context: CommandContext, base: ManifestPart): Promise<CreateBody['metadata']> {
  const { flags, host } = context;
  const name = flags.string('name') ?? base.metadata?.name;
  if (flags.bool('require-name') && (name === undefined || name === ''))
    throw new IgniteError('cli/name-required', 'The VM has no name, and --require-name was given');
  const own = await readLabels(flags.list('label-file'), flags.list('label'), host.cwd);
  const labels = { ...base.metadata?.labels, ...own };
  const metadata = {
    ...base.metadata,
    ...(name === undefined ? {} : { name }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  return Object.keys(metadata).length === 0 ? undefined : metadata;
}

function machineSpec(flags: FlagValues, base: Spec): Spec {
  const kernel = flags.string('kernel-image');
  const cmdLine = flags.string('kernel-args');
  const boot = flags.string('boot');
  const wanted = flags.string('vmm');
  const accel = flags.string('accel');
  const restart = flags.string('restart');
  const restartPolicy = restart === undefined ? undefined : parseRestartPolicy(restart);
  if (flags.bool('rm') && restartPolicy !== undefined && restartPolicy.name !== 'no')
    throw usage(`--rm and --restart ${restart} exclude each other: leave one out`);
  const vmm = VMMS.find((name) => name === wanted);
  return {
    ...optional('cpus', flags.int('cpus')),
    ...optional('memory', flags.string('memory')),
    ...optional('diskSize', flags.string('size')),
    ...(kernel === undefined && cmdLine === undefined
      ? {}
      : { kernel: { ...base.kernel, ...optional('oci', kernel), ...optional('cmdLine', cmdLine) } }),
    ...(boot === 'auto' || boot === 'app' || boot === 'system' ? { boot } : {}),
    ...optional('vmm', vmm),
    ...(accel === 'kvm' || accel === 'tcg' ? { accel } : {}),
    ...optional('restartPolicy', restartPolicy),
    ...(flags.bool('rm') && !flags.bool('keep-failed') ? { autoRemove: true } : {}),
  };
}

/** Words that are used only once the VM runs, or ends. @throws IgniteError `cli/usage` */
function checkWords(flags: FlagValues): void {
  const keys = flags.string('detach-keys');
  if (keys !== undefined && keys !== '') parseDetachKeys(keys);
  const signal = flags.string('stop-signal');
  if (signal !== undefined) signalName(signal, '--stop-signal');
}

/** Caps of flags over those of the manifest, one by one. */
function capSpec(flags: FlagValues, base: Spec): Spec {
  const caps = readCaps(flags);
  return Object.keys(caps).length === 0 ? {} : { resources: { ...base.resources, ...caps } };
}

async function commandSpec({ flags, guest, host }: CommandContext): Promise<Spec> {
  const entrypoint = flags.string('entrypoint');
  const env = await readEnv(flags.list('env-file'), flags.list('env'), host.env, host.cwd);
  const replaced = entrypoint !== undefined;
  return {
    ...(replaced ? { entrypoint: entrypoint === '' ? [] : [entrypoint] } : {}),
    // Docker: with another entrypoint the image's command no longer fits.
    ...(guest.length > 0 || replaced ? { command: [...guest] } : {}),
    ...(env.length === 0 ? {} : { env: [...env] }),
    ...optional('workdir', flags.string('workdir')),
    ...optional('user', flags.string('user')),
    ...optional('hostname', flags.string('hostname')),
    ...optional('stopSignal', flags.string('stop-signal')),
    ...optional('stopTimeout', flags.int('stop-timeout')),
    ...(flags.bool('tty') ? { tty: true } : {}),
    ...(flags.bool('interactive') ? { stdin: true } : {}),
  };
}

function connectionSpec({ flags }: CommandContext, base: Spec): Spec {
  const ports = flags.list('ports').flatMap((word) => parsePorts(word));
  const policy = policyFlags(flags);
  const network = {
    ...base.network,
    ...networkFlags(flags),
    ...(Object.keys(policy).length === 0 ? {} : { policy: { ...base.network?.policy, ...policy } }),
    ...(ports.length === 0 ? {} : { ports: [...ports] }),
  };
  return Object.keys(network).length === 0 ? {} : { network };
}

/** `true` to make a key pair, a key's line, or undefined. A path in a manifest is read here, too. */
async function publicKey(flags: FlagValues, base: Spec, cwd: string): Promise<true | string | undefined> {
  const flag = flags.string('ssh');
  if (flag === 'true') return true;
  const path = flag === 'false' ? undefined : (flag ?? (typeof base.ssh === 'string' ? base.ssh : undefined));
  if (path === undefined) return flag === undefined && base.ssh === true ? true : undefined;
  return /^(ssh-|ecdsa-|sk-)\S*\s/.test(path) ? path : await readPublicKey(path, cwd);
}

/** A word as the original kept it in the object, which is what `diff` compares later. */
function copyFile(cwd: string): (word: string) => { readonly hostPath: string; readonly vmPath: string } {
  return (word) => {
    const [hostPath = '', vmPath = ''] = word.split(':');
    return { hostPath: resolve(cwd, hostPath), vmPath };
  };
}

/** Words of `--copy-files`, which replace those of the manifest. */
function copyWords(flags: FlagValues, base: Spec): readonly string[] {
  if (flags.has('copy-files')) return flags.list('copy-files');
  return (base.copyFiles ?? []).map(({ hostPath, vmPath }) => `${hostPath}:${vmPath}`);
}
