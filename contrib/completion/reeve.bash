# bash completion of reeve(1). Made by `reeve help --completion=bash`: scripts/generate.
_reeve_services() {
  local -a file=()
  local i
  for ((i = 1; i + 1 < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in -f | --file | --inetd) file=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}") ;; esac
  done
  reeve show "${file[@]}" 2>/dev/null | sed -n 's/^    id  *= \([^ ]*\).*/\1/p'
}
_reeve_reply() {
  [[ $1 == -W ]] || compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$@" -- "${COMP_WORDS[COMP_CWORD]}")
}
_reeve() {
  local command= word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      --file | -f | --name | --allow | --deny | --from | --to | --output | -o) ((i++)) ;;
      -*) ;;
      *)
        case ${command:+$command }$word in
          check | show | wrappers | convert | help) command=${command:+$command }$word ;;
        esac
        ;;
    esac
  done
  case $command:${COMP_WORDS[COMP_CWORD - 1]} in
    'check:--file' | 'check:-f') _reeve_reply -f; return ;;
    'check:--inetd') [[ ${COMP_WORDS[COMP_CWORD]} == -* ]] || { _reeve_reply -f && return; } ;;
    'show:--file' | 'show:-f') _reeve_reply -f; return ;;
    'show:--inetd') [[ ${COMP_WORDS[COMP_CWORD]} == -* ]] || { _reeve_reply -f && return; } ;;
    'wrappers:--name') :; return ;;
    'wrappers:--allow') _reeve_reply -f; return ;;
    'wrappers:--deny') _reeve_reply -f; return ;;
    'convert:--from') _reeve_reply -W 'inetd systemd'; return ;;
    'convert:--to') :; return ;;
    'convert:--file' | 'convert:-f') _reeve_reply -f; return ;;
    'convert:--output' | 'convert:-o') _reeve_reply -f; return ;;
  esac
  case $command in
    '')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --version'
      else
        _reeve_reply -W 'check show wrappers convert help'
      fi
      ;;
    'check')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --file -f --as-user --inetd-compat --inetd --json --strict'
      else
        :
      fi
      ;;
    'show')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --file -f --as-user --inetd-compat --inetd --json --plain'
      else
        _reeve_reply -W "$(_reeve_services)"
      fi
      ;;
    'wrappers')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --name --allow --deny'
      else
        :
      fi
      ;;
    'convert')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --from --to --file -f --output -o --force --strict'
      else
        _reeve_reply -f
      fi
      ;;
    'help')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h'
      else
        _reeve_reply -W "$(reeve help --topics 2>/dev/null)"
      fi
      ;;
  esac
}
complete -F _reeve reeve
