// The words of `exec` as argv, or, where the original's way is meant, as one line for the guest's shell (CLI rule 6).

const SHELL_CHARACTERS = /[\s;&|<>()$`\\"'*?~=#{}]/;

/** argv for the guest: exact, unless the first word can only be meant for a shell. */
export function guestCommand(words: readonly string[]): readonly string[] {
  const [first = ''] = words;
  return SHELL_CHARACTERS.test(first) ? ['/bin/sh', '-c', shellLine(words)] : words;
}

/** The original's command string: the first word as it is, the others quoted (EXE-01). */
export function shellLine(words: readonly string[]): string {
  const [first = '', ...rest] = words;
  return [first, ...rest.map(quote)].join(' ');
}

/** One word for a POSIX shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
