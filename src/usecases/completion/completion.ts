import { COMPLETER, type ShellName } from '../../core/names.ts';
import type { Outcome } from '../../core/ports.ts';

const SCRIPTS: Readonly<Record<ShellName, string>> = {
  // COMP_WORDS is not used, because bash also splits it at what COMP_WORDBREAKS holds, such as = and :.
  // It then replaces $2 alone.
  bash: `# bash completion for tokencli
_tokencli() {
  local IFS=$' \\t\\n' line words word=
  read -ra words <<<"\${COMP_LINE:0:COMP_POINT}"
  if [[ \${COMP_LINE:0:COMP_POINT} == *[![:blank:]] ]]; then
    word=\${words[\${#words[@]} - 1]}
    unset "words[\${#words[@]} - 1]"
  fi
  word=\${word#[\\"\\']}
  local typed=\${word%"$2"}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default
    else
      line=\${line%%$'\\t'*}
      COMPREPLY+=("\${line#"$typed"}")
    fi
  done < <(command tokencli ${COMPLETER} "=$word" "\${words[@]:1}" 2>/dev/null </dev/null)
}
complete -F _tokencli tokencli
`,
  zsh: `#compdef tokencli
# zsh completion for tokencli
_tokencli() {
  local line tab=$'\\t'
  local -a entries
  for line in "\${(@f)$(command tokencli ${COMPLETER} "=$PREFIX" "\${(@Q)words[2,CURRENT-1]}" 2>/dev/null </dev/null)}"; do
    if [[ $line == :files ]]; then
      compset -P '-*='
      _files
      return
    fi
    [[ -n $line ]] && entries+=("\${\${line//:/\\\\:}/$tab/:}")
  done
  _describe -t values tokencli entries
}
if [[ $zsh_eval_context == *func ]]; then
  _tokencli "$@"
else
  compdef _tokencli tokencli
fi
`,
  fish: `# fish completion for tokencli
function __tokencli_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct | string trim -lc "\\"'")
    set -l option (string match -r '^-[^=]*=' -- "$word")
    for line in (command tokencli ${COMPLETER} "=$word" $words[2..-1] 2>/dev/null </dev/null)
        if test "$line" = :files
            string join \\n -- "$option"(__fish_complete_path (string replace -- "$option" '' "$word"))
        else
            printf '%s\\n' $line
        end
    end
end
complete -c tokencli -f -a '(__tokencli_complete)'
`,
  // PowerShell itself offers files if the script returns nothing
  powershell: `# PowerShell completion for tokencli
Register-ArgumentCompleter -Native -CommandName tokencli -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value }
            else { $_.Extent.Text }
        })
    tokencli ${COMPLETER} "=$wordToComplete" @words 2>$null | Where-Object { $_ -ne ':files' } |
        ForEach-Object {
            $text, $about = $_ -split "\`t", 2
            if (-not $about) { $about = $text }
            $word = if ($text.StartsWith('@')) { "'$text'" } else { $text }
            [System.Management.Automation.CompletionResult]::new($word, $text, 'ParameterValue', $about)
        }
}
`,
};

/**
 * The script by which a shell completes command lines of tokencli. No script evaluates the typed or
 * the offered words: they are passed as arguments and read as data.
 */
export async function completionScript({ shell }: { shell: ShellName }): Promise<Outcome> {
  return { stdout: SCRIPTS[shell] };
}
