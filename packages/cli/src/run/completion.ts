// `ignite completion bash|zsh|fish`: scripts that ask `ignite __complete` for candidates.
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';

const BASH = `# bash completion for ignite
_ignite() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ "\${#COMPREPLY[@]}" -eq 1 ] && [ "\${COMPREPLY[0]}" = ":file" ]; then
    COMPREPLY=()
    compopt -o default -o filenames 2>/dev/null
  fi
}
complete -F _ignite ignite`;

const ZSH = `#compdef ignite
_ignite() {
  local -a candidates
  candidates=("\${(@f)$(\${words[1]} __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "\${candidates[1]}" == ":file" ]]; then
    _files
  else
    compadd -a candidates
  fi
}
if [ "$funcstack[1]" = "_ignite" ]; then _ignite; else compdef _ignite ignite; fi`;

const FISH = `# fish completion for ignite
function __ignite_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l candidates ($words[1] __complete -- $words[2..-1] 2>/dev/null)
  if test "$candidates" = ":file"
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $candidates
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
