// Holds a kernel's final configuration against the lines that were wanted: Kconfig drops without a word what lacks its
// dependencies.

/** Lines of `wanted` that did not take effect, each with what holds instead; empty where all did. */
export function unmet(wanted: string, config: string): readonly string[] {
  const settings = readSettings(config);
  return [...readSettings(wanted)]
    .filter(([name, value]) => (settings.get(name) ?? 'n') !== value)
    .map(([name, value]) => `${name} is ${settings.get(name) ?? 'n'}, wanted ${value}`);
}

/** `CONFIG_X=value` and `# CONFIG_X is not set`, which is `n`. */
function readSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, off] = /^# (CONFIG_\w+) is not set$/.exec(line) ?? [];
    const [, name, value] = /^(CONFIG_\w+)=(.*)$/.exec(line) ?? [];
    if (off !== undefined) settings.set(off, 'n');
    if (name !== undefined && value !== undefined) settings.set(name, value);
  }
  return settings;
}
