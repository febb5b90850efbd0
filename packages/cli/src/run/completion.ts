// `ignite completion bash|zsh|fish`: scripts that ask `ignite __complete` for candidates.
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';

// Bash takes a word apart at = and : and replaces the last part only, so the words are made anew from the line.
const BASH = `# bash completion for ignite
_ignite() {
  local line=\${COMP_LINE:0:COMP_POINT} IFS=$' \\t\\n' words word kept file= one
  read -ra words <<< "$line"
  [[ $line == *[[:blank:]] ]] && words+=("")
  word=\${words[\${#words[@]} - 1]}
  kept=\${word%"\${word##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r one; do
    if [ "$one" = ":file" ]; then file=1; else COMPREPLY+=("\${one#"$kept"}"); fi
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  if [ -n "$file" ]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r one; do COMPREPLY+=("$one"); done < <(compgen -f -- "\${word#"$kept"}")
  fi
}
complete -F _ignite ignite`;

const ZSH = `#compdef ignite
_ignite() {
  local -a candidates
  candidates=("\${(@f)$(\${words[1]} __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  local file=\${candidates[(I):file]}
  candidates=("\${(@)candidates:#(:file|)}")
  (( \${#candidates} )) && compadd -a candidates
  if (( file )); then
    compset -P '--*='
    _files
  fi
}
if [ "$funcstack[1]" = "_ignite" ]; then _ignite; else compdef _ignite ignite; fi`;

const FISH = `# fish completion for ignite
function __ignite_complete
  set -l words (commandline -opc) (commandline -ct)
  for candidate in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    if test "$candidate" = ":file"
      set -l flag (string match -r '^--[^=]+=' -- $words[-1])
      for path in (__fish_complete_path (string replace -- "$flag" '' $words[-1]))
        printf '%s\\n' "$flag$path"
      end
    else
      printf '%s\\n' $candidate
    end
  end
end
complete -c ignite -f -a '(__ignite_complete)'`;

const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['bash', BASH],
  ['zsh', ZSH],
  ['fish', FISH],
]);

export async function run({ operands, out }: CommandContext): Promise<number> {
  const shell = operands[0] ?? 'bash';
  const script = SCRIPTS.get(shell);
  if (script === undefined)
    throw usage(`There is a completion for bash, zsh and fish, but not for "${shell}"`);
  out.data(script);
  return 0;
}
