// The version of a program of ours as `version -o json|yaml` prints it, with the original's keys (OUT-20).

/**
 * The version as `-o` asks for it, without a last newline.
 * @param form `short`, `json` or `yaml`
 * @param version with the v of the original, `v1.0.0`
 * @param commit empty in a work tree
 */
export async function versionText(form: string, version: string, commit: string): Promise<string> {
  if (form === 'short') return version;
  const document = versionDocument(version, commit);
  if (form === 'json') return JSON.stringify(document, undefined, 2);
  return (await import('yaml')).stringify(document, { sortMapEntries: true }).trimEnd();
}

/** The keys that programs pick from; what means nothing here is empty. */
function versionDocument(version: string, commit: string) {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const none = { name: '', tag: '', delimeter: ':' }; // the original's spelling
  return {
    igniteVersion: {
      major,
      minor,
      gitVersion: version,
      gitCommit: commit,
      gitTreeState: '',
      buildDate: '',
      goVersion: '',
      compiler: `node ${process.versions.node}`,
      platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
      sandboxImage: none,
      kernelImage: { ...none },
    },
    firecrackerVersion: { gitVersion: '' },
  };
}
