// Runs mmdebstrap, which installs a distribution's packages into a tar archive of a root file system.
import { access } from 'node:fs/promises';
import { IgniteError, isIgniteError, type Report } from '@ignite/api';
import { type Commands, HOST_PATH, hasErrno } from '../host/index.ts';
import type { Distribution } from './distributions.ts';

interface BootstrapInput {
  readonly distribution: Distribution;
  readonly suite: string;
  readonly mirror: string;
  readonly architecture: string;
  readonly packages: readonly string[];
  /** The tar file to write. */
  readonly target: string;
  /** Folder for the tree while it is made. */
  readonly scratch: string;
  /** Seconds since 1970: SOURCE_DATE_EPOCH. */
  readonly epoch: number;
  /** Whether we are root; an ordinary user needs user namespaces and subordinate ids. */
  readonly root: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Suites that are their own updates. */
const ROLLING = ['sid', 'unstable', 'devel'];
const DEADLINE_MS = 30 * 60_000;

/** @throws IgniteError `imagemake/no-mmdebstrap`, `imagemake/no-keyring`, `imagemake/failed`, `host/cancelled` */
export async function bootstrap(commands: Commands, input: BootstrapInput): Promise<void> {
  const { distribution, suite, report } = input;
  await checkKeyring(distribution);
  report({ kind: 'stage', name: `packages of ${distribution.name} ${suite}` });
  try {
    await commands.run(bootstrapCommand(input), {
      signal: input.signal,
      timeoutMs: DEADLINE_MS,
      env: {
        PATH: HOST_PATH,
        LC_ALL: 'C.UTF-8',
        SOURCE_DATE_EPOCH: String(input.epoch),
        TMPDIR: input.scratch,
        ...input.environment,
      },
      onStderr: stageReporter(report),
    });
  } catch (cause) {
    if (isIgniteError(cause, 'host/cancelled')) throw cause;
    throw explain(cause, distribution, suite);
  }
}

/** The command line; each word ours or checked before. */
export function bootstrapCommand(input: BootstrapInput): readonly [string, ...string[]] {
  const { distribution, suite, mirror } = input;
  const from = (uri: string, name: string) =>
    `deb [signed-by=${distribution.keyring}] ${uri} ${name} ${distribution.components}`;
  return [
    'mmdebstrap',
    `--mode=${input.root ? 'root' : 'unshare'}`,
    '--variant=minbase',
    '--format=tar',
    `--architectures=${input.architecture}`,
    `--include=${input.packages.join(',')}`,
    suite,
    input.target,
    from(mirror, suite),
    ...(ROLLING.includes(suite)
      ? []
      : [
          from(mirror, `${suite}-updates`),
          from(distribution.security.mirror, distribution.security.suite.replace('%s', suite)),
        ]),
  ];
}

/** mmdebstrap's `I: …` lines are its stages. */
function stageReporter(report: Report): (text: string) => void {
  return (text) => {
    for (const match of text.matchAll(/^I: ([a-z][^\n]*?)\.\.\.$/gm)) {
      if (match[1] !== undefined) report({ kind: 'stage', name: match[1] });
    }
  };
}

async function checkKeyring(distribution: Distribution): Promise<void> {
  try {
    await access(distribution.keyring);
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT')) throw cause;
    throw new IgniteError(
      'imagemake/no-keyring',
      `The keys of ${distribution.name}'s archive, ${distribution.keyring}, are not here; the package ${distribution.keyringPackage} has them`,
      { cause, details: { package: distribution.keyringPackage } },
    );
  }
}

function explain(cause: unknown, distribution: Distribution, suite: string): IgniteError {
  if (isIgniteError(cause, 'host/program-missing')) {
    return new IgniteError('imagemake/no-mmdebstrap', 'The program mmdebstrap is not installed', { cause });
  }
  return new IgniteError('imagemake/failed', `The image of ${distribution.name} ${suite} could not be made`, {
    cause,
    details: { distribution: distribution.name, suite },
  });
}
