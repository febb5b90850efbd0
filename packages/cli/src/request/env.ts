// Environment variables for the guest as Docker reads them: `-e NAME=VALUE`, `-e NAME`, `--env-file`.
import { usage } from '../usage-error.ts';
import { badFile, readText } from './files.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Files first, then words, as Docker does; a later one of the same name wins in the guest. */
export async function readEnv(
  files: readonly string[],
  words: readonly string[],
  env: Environment,
  cwd: string,
): Promise<readonly string[]> {
  const fromFiles: string[] = [];
  for (const file of files) fromFiles.push(...envLines(file, await readText(file, cwd), env));
  return [...fromFiles, ...words.flatMap((word) => envWord(word, env))];
}

/** One `-e`: without `=` the caller's value, or nothing where the caller has none. */
function envWord(word: string, env: Environment): readonly string[] {
  const name = word.split('=', 1)[0] ?? '';
  if (name === '') throw usage(`-e takes NAME=VALUE or NAME, not "${word}"`);
  if (word.includes('=')) return [word];
  const value = env[name];
  return value === undefined ? [] : [`${name}=${value}`];
}

function envLines(file: string, text: string, env: Environment): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const word = line.replace(/\r$/, '').trimStart();
    if (word === '' || word.startsWith('#')) return [];
    const name = word.split('=', 1)[0] ?? '';
    if (name === '' || /\s/.test(name)) throw badFile(file, index + 1, `"${name}" is no name of a variable`);
    return envWord(word, env);
  });
}
