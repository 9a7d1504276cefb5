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
      --file | -f | --name | --allow | --deny | --socket | --most | --lines | -n | --source | --service | --why | --confirm-within | --at | --user | --load | --running | --running-from | --processes | --limit | --against | --duration | --top | --plot | --seed | --least-served | --from | --to | --output | -o) ((i++)) ;;
      -*) ;;
      *)
        case ${command:+$command }$word in
          check | show | wrappers | status | services | instances | bans | ban | unban | stop | drain | start | log | reload | confirm | top | explain | replay | preview-list | simulate | convert | help) command=${command:+$command }$word ;;
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
    'status:--socket') _reeve_reply -f; return ;;
    'services:--socket') _reeve_reply -f; return ;;
    'instances:--socket') _reeve_reply -f; return ;;
    'bans:--socket') _reeve_reply -f; return ;;
    'bans:--most') :; return ;;
    'ban:--socket') _reeve_reply -f; return ;;
    'unban:--socket') _reeve_reply -f; return ;;
    'stop:--socket') _reeve_reply -f; return ;;
    'drain:--socket') _reeve_reply -f; return ;;
    'start:--socket') _reeve_reply -f; return ;;
    'log:--socket') _reeve_reply -f; return ;;
    'log:--lines' | 'log:-n') :; return ;;
    'log:--source') :; return ;;
    'log:--service') :; return ;;
    'log:--why') :; return ;;
    'reload:--socket') _reeve_reply -f; return ;;
    'reload:--confirm-within') :; return ;;
    'confirm:--socket') _reeve_reply -f; return ;;
    'top:--socket') _reeve_reply -f; return ;;
    'explain:--file' | 'explain:-f') _reeve_reply -f; return ;;
    'explain:--inetd') [[ ${COMP_WORDS[COMP_CWORD]} == -* ]] || { _reeve_reply -f && return; } ;;
    'explain:--socket') _reeve_reply -f; return ;;
    'explain:--at') :; return ;;
    'explain:--name') :; return ;;
    'explain:--user') :; return ;;
    'explain:--load') :; return ;;
    'explain:--running') :; return ;;
    'explain:--running-from') :; return ;;
    'explain:--processes') :; return ;;
    'explain:--limit') :; return ;;
    'explain:--allow') _reeve_reply -f; return ;;
    'explain:--deny') _reeve_reply -f; return ;;
    'replay:--file' | 'replay:-f') _reeve_reply -f; return ;;
    'replay:--inetd') [[ ${COMP_WORDS[COMP_CWORD]} == -* ]] || { _reeve_reply -f && return; } ;;
    'replay:--against') _reeve_reply -f; return ;;
    'replay:--service') :; return ;;
    'replay:--duration') :; return ;;
    'replay:--load') :; return ;;
    'replay:--limit') :; return ;;
    'replay:--allow') _reeve_reply -f; return ;;
    'replay:--deny') _reeve_reply -f; return ;;
    'replay:--top') :; return ;;
    'replay:--plot') _reeve_reply -f; return ;;
    'preview-list:--top') :; return ;;
    'simulate:--file' | 'simulate:-f') _reeve_reply -f; return ;;
    'simulate:--inetd') [[ ${COMP_WORDS[COMP_CWORD]} == -* ]] || { _reeve_reply -f && return; } ;;
    'simulate:--against') _reeve_reply -f; return ;;
    'simulate:--seed') :; return ;;
    'simulate:--plot') _reeve_reply -f; return ;;
    'simulate:--least-served') :; return ;;
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
        _reeve_reply -W 'check show wrappers status services instances bans ban unban stop drain start log reload confirm top explain replay preview-list simulate convert help'
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
    'status')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json'
      else
        :
      fi
      ;;
    'services')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json'
      else
        _reeve_reply -W "$(_reeve_services)"
      fi
      ;;
    'instances')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json --old --end-old'
      else
        _reeve_reply -W "$(_reeve_services)"
      fi
      ;;
    'bans')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json --history --most'
      else
        :
      fi
      ;;
    'ban')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json --even-me'
      else
        :
      fi
      ;;
    'unban')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json'
      else
        :
      fi
      ;;
    'stop')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json'
      else
        _reeve_reply -W "$(_reeve_services)"
      fi
      ;;
    'drain')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json --no-wait'
      else
        _reeve_reply -W "$(_reeve_services)"
      fi
      ;;
    'start')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json'
      else
        _reeve_reply -W "$(_reeve_services)"
      fi
      ;;
    'log')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json --follow -f --lines -n --source --service --why'
      else
        :
      fi
      ;;
    'reload')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json --plan --confirm-within'
      else
        :
      fi
      ;;
    'confirm')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket --json'
      else
        :
      fi
      ;;
    'top')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --socket'
      else
        :
      fi
      ;;
    'explain')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --file -f --as-user --inetd-compat --inetd --json --socket --at --name --user --load --running --running-from --processes --limit --banned --over-cps --over-rate --allow --deny'
      else
        :
      fi
      ;;
    'replay')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --file -f --as-user --inetd-compat --inetd --json --against --service --duration --load --limit --allow --deny --top --plot'
      else
        _reeve_reply -f
      fi
      ;;
    'preview-list')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --top --json'
      else
        :
      fi
      ;;
    'simulate')
      if [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
        _reeve_reply -W '--help -h --file -f --as-user --inetd-compat --inetd --json --against --seed --plot --least-served'
      else
        _reeve_reply -f
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
