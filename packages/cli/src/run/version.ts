// `ignite version`. Starts no daemon.
import type { CommandContext } from '../context.ts';
import { BUILD_COMMIT, VERSION } from '../version.ts';

export async function run({ flags, out }: CommandContext): Promise<number> {
  const form = flags.string('output');
  if (form === 'short') out.data(VERSION);
  else if (form === 'json') out.data(JSON.stringify(versions(), undefined, 2));
  else if (form === 'yaml')
    out.data((await import('yaml')).stringify(versions(), { sortMapEntries: true }).trimEnd());
  else
    out.data(
      `Ignite version ${VERSION}${BUILD_COMMIT === '' ? '' : ` (${BUILD_COMMIT})`}, Node ${process.versions.node}`,
    );
  return 0;
}

/** The original's keys (OUT-20), as far as they mean something here. */
function versions() {
  const [major = '', minor = ''] = VERSION.slice(1).split('.');
  return {
    igniteVersion: {
      major,
      minor,
      gitVersion: VERSION,
      gitCommit: BUILD_COMMIT,
      gitTreeState: '',
      buildDate: '',
      goVersion: '',
      compiler: `node ${process.versions.node}`,
      platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
      sandboxImage: { name: '', tag: '', delimeter: ':' },
      kernelImage: { name: '', tag: '', delimeter: ':' },
    },
    firecrackerVersion: { gitVersion: '' },
  };
}
