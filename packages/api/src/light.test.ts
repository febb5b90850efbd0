// The CLI loads these doors at its start; zod (15 ms) and yaml must not come in with them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };

/** Doors that may load a library: everything (`.`) and what reads YAML. */
const HEAVY = new Set(['.', './manifest', './versions']);

/** Packages that a file imports at run time, through all its relative imports. */
function packagesOf(file: URL, seen: Set<string>): readonly string[] {
  if (seen.has(file.href)) return [];
  seen.add(file.href);
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gms)];
  return imports.flatMap(([, name = '']) =>
    name.startsWith('.') ? packagesOf(new URL(name, file), seen) : [name],
  );
}

test('the light doors of the package import no library', () => {
  for (const [door, path] of Object.entries(packageJson.exports)) {
    const packages = packagesOf(new URL(`../${path}`, import.meta.url), new Set());
    const libraries = packages.filter((name) => !name.startsWith('node:') && !name.startsWith('@ignite/'));
    if (HEAVY.has(door)) assert.ok(libraries.includes('zod'), door);
    else assert.deepEqual(libraries, [], door);
  }
});
