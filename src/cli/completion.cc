#include "cli/completion.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace reeve {
namespace {

enum class Kind { nothing, file, folder, service, topic, words };

Kind kind_of(std::string_view value) noexcept {
  if (value.find('|') != std::string_view::npos) return Kind::words;
  if (value == "FILE" || value == "PATH" || value == "LOG" || value == "SCENARIO") return Kind::file;
  if (value == "FOLDER") return Kind::folder;
  if (value == "SERVICE") return Kind::service;
  if (value == "TOPIC") return Kind::topic;
  return Kind::nothing;
}

std::string spaced(std::string value) {
  std::ranges::replace(value, '|', ' ');
  return value;
}

std::string joined(const std::vector<std::string>& names, std::string_view separator) {
  return fmt::format("{}", fmt::join(names, separator));
}

std::vector<std::string> command_names(const CommandTree& tree, bool outer_alone) {
  std::vector<std::string> names;
  for (const Command& one : tree) {
    if (!one.name.empty() && (!outer_alone || one.name.find(' ') == std::string::npos)) names.push_back(one.name);
  }
  return names;
}

// What may come behind a command's words: commands of its own.
std::vector<std::string> inner_names(const CommandTree& tree, const std::string& outer) {
  std::vector<std::string> names;
  const std::string prefix = outer.empty() ? "" : outer + ' ';
  for (const Command& one : tree) {
    const bool is_inner =
        one.name.size() > prefix.size() && one.name.starts_with(prefix) && one.name.find(' ', prefix.size()) == std::string::npos;
    if (is_inner) names.push_back(one.name.substr(prefix.size()));
  }
  return names;
}

// ---------------------------------------------------------------- bash

std::string bash_words(Kind kind, const std::string& value) {
  switch (kind) {
    case Kind::file:
      return "_reeve_reply -f";
    case Kind::folder:
      return "_reeve_reply -d";
    case Kind::service:
      return "_reeve_reply -W \"$(_reeve_services)\"";
    case Kind::topic:
      return "_reeve_reply -W \"$(reeve help --topics 2>/dev/null)\"";
    case Kind::words:
      return fmt::format("_reeve_reply -W '{}'", spaced(value));
    case Kind::nothing:
      return ":";
  }
  return ":";
}

constexpr std::string_view kBashHead = R"(# bash completion of reeve(1). Made by `reeve help --completion=bash`: scripts/generate.
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
)";

// ---------------------------------------------------------------- zsh

std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    if (c == '`') continue;
    out += c;
  }
  return out;
}

std::string zsh_action(Kind kind, const std::string& value) {
  switch (kind) {
    case Kind::file:
      return "_files";
    case Kind::folder:
      return "_files -/";
    case Kind::service:
      return "_reeve_services";
    case Kind::topic:
      return "_reeve_topics";
    case Kind::words:
      return fmt::format("({})", spaced(value));
    case Kind::nothing:
      return "( )";
  }
  return "( )";
}

std::string zsh_option(const CommandOption& option) {
  const std::string value = option.value.empty() ? ""
                                                 : fmt::format("{}{}:{}", option.may_lack_value ? "::" : ":", zsh_text(option.value),
                                                               zsh_action(kind_of(option.value), option.value));
  const std::string about = fmt::format("[{}]{}", zsh_text(option.about), value);
  if (option.names.size() == 1) return fmt::format("'{}{}'", option.names.front(), about);
  return fmt::format("'({})'{{{}}}'{}'", joined(option.names, " "), joined(option.names, ","), about);
}

// ---------------------------------------------------------------- fish

std::string fish_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string fish_value(Kind kind, const std::string& value) {
  switch (kind) {
    case Kind::file:
      return " -r -F";
    case Kind::folder:
      return " -x -a '(__fish_complete_directories)'";
    case Kind::service:
      return " -x -a '(__reeve_services)'";
    case Kind::topic:
      return " -x -a '(reeve help --topics 2>/dev/null)'";
    case Kind::words:
      return fmt::format(" -x -a '{}'", spaced(value));
    case Kind::nothing:
      return value.empty() ? "" : " -x";
  }
  return "";
}

}  // namespace

std::string bash_completion(const CommandTree& tree) {
  std::string out(kBashHead);
  const auto add = [&](std::string_view format, const auto&... values) {
    fmt::format_to(std::back_inserter(out), fmt::runtime(format), values...);
  };
  std::vector<std::string> with_value;
  for (const Command& command : tree) {
    for (const CommandOption& option : command.options) {
      if (option.value.empty() || option.may_lack_value) continue;
      for (const std::string& name : option.names) {
        if (std::ranges::find(with_value, name) == with_value.end()) with_value.push_back(name);
      }
    }
  }
  if (!with_value.empty()) add("      {}) ((i++)) ;;\n", joined(with_value, " | "));
  add("      -*) ;;\n      *)\n        case ${{command:+$command }}$word in\n          ");
  std::vector<std::string> quoted;
  for (const std::string& name : command_names(tree, false))
    quoted.push_back(name.find(' ') == std::string::npos ? name : '\'' + name + '\'');
  add("{}) command=${{command:+$command }}$word ;;\n        esac\n        ;;\n    esac\n  done\n", joined(quoted, " | "));
  add("  case $command:${{COMP_WORDS[COMP_CWORD - 1]}} in\n");
  for (const Command& command : tree) {
    for (const CommandOption& option : command.options) {
      if (option.value.empty()) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names) patterns.push_back(fmt::format("'{}:{}'", command.name, name));
      // A value that may be left out can be followed by another option.
      add("    {}) {}{}", joined(patterns, " | "), option.may_lack_value ? "[[ ${COMP_WORDS[COMP_CWORD]} == -* ]] || { " : "",
          bash_words(kind_of(option.value), option.value));
      add("{}\n", option.may_lack_value ? " && return; } ;;" : "; return ;;");
    }
  }
  add("  esac\n  case $command in\n");
  for (const Command& command : tree) {
    std::string options;
    for (const CommandOption& option : command.options) options += (options.empty() ? "" : " ") + joined(option.names, " ");
    const std::string inner = joined(inner_names(tree, command.name), " ");
    std::string words = ":";
    if (!inner.empty()) {
      words = fmt::format("_reeve_reply -W '{}'", inner);
    } else if (!command.positionals.empty()) {
      words = bash_words(kind_of(command.positionals.front().value), command.positionals.front().value);
    }
    add("    '{}')\n      if [[ ${{COMP_WORDS[COMP_CWORD]}} == -* ]]; then\n        _reeve_reply -W '{}'\n      else\n        {}\n      "
        "fi\n      ;;\n",
        command.name, options, words);
  }
  return out += "  esac\n}\ncomplete -F _reeve reeve\n";
}

std::string zsh_completion(const CommandTree& tree) {
  std::string out =
      "#compdef reeve\n# zsh completion of reeve(1). Made by `reeve help --completion=zsh`: scripts/generate.\n"
      "_reeve_services() {\n"
      "  local -a file services\n"
      "  local i\n"
      "  for ((i = 1; i < CURRENT - 1; i++)); do\n"
      "    case $words[i] in -f | --file | --inetd) file=($words[i] $words[i+1]) ;; esac\n"
      "  done\n"
      "  services=(${(f)\"$(reeve show $file 2>/dev/null | sed -n 's/^    id  *= \\([^ ]*\\).*/\\1/p')\"})\n"
      "  compadd -a services\n}\n"
      "_reeve_topics() {\n  local -a topics\n  topics=(${(f)\"$(reeve help --topics 2>/dev/null)\"})\n  compadd -a topics\n}\n"
      "_reeve() {\n  local -a commands\n  local context state state_descr line\n  typeset -A opt_args\n  commands=(\n";
  const auto add = [&](std::string_view format, const auto&... values) {
    fmt::format_to(std::back_inserter(out), fmt::runtime(format), values...);
  };
  for (const Command& command : tree) {
    if (!command.name.empty() && command.name.find(' ') == std::string::npos) add("    '{}:{}'\n", command.name, zsh_text(command.about));
  }
  out += "  )\n  _arguments -C";
  for (const CommandOption& option : tree.front().options) add(" \\\n    {}", zsh_option(option));
  out +=
      " \\\n    '1:command:->command' '*::argument:->argument'\n  case $state in\n    command) _describe command commands ;;\n    "
      "argument)\n      case $words[1] in\n";
  for (const Command& command : tree) {
    if (command.name.empty() || command.name.find(' ') != std::string::npos) continue;
    add("        {})\n          _arguments", command.name);
    for (const CommandOption& option : command.options) add(" \\\n            {}", zsh_option(option));
    for (const std::string& inner : inner_names(tree, command.name)) add(" \\\n            '1:command:({})'", inner);
    for (std::size_t each = 0; each < command.positionals.size(); ++each) {
      const CommandOption& one = command.positionals[each];
      const std::string place = one.is_repeated ? "*" : fmt::to_string(each + 1);
      add(" \\\n            '{}:{}:{}'", place, zsh_text(one.value), zsh_action(kind_of(one.value), one.value));
    }
    out += "\n          ;;\n";
  }
  return out += "      esac\n      ;;\n  esac\n}\nif [[ $funcstack[1] == _reeve ]]; then _reeve \"$@\"; else compdef _reeve reeve; fi\n";
}

std::string fish_completion(const CommandTree& tree) {
  std::string out =
      "# fish completion of reeve(1). Made by `reeve help --completion=fish`: scripts/generate.\n"
      "function __reeve_services\n"
      "    set -l file\n"
      "    set -l words (commandline -opc)\n"
      "    for i in (seq (math (count $words) - 1))\n"
      "        if contains -- $words[$i] -f --file --inetd\n"
      "            set file $words[$i] $words[(math $i + 1)]\n"
      "        end\n"
      "    end\n"
      "    reeve show $file 2>/dev/null | string replace -rf '^    id  *= ([^ ]*).*' '$1'\n"
      "end\n"
      "complete -c reeve -f\n";
  const auto add = [&](std::string_view format, const auto&... values) {
    fmt::format_to(std::back_inserter(out), fmt::runtime(format), values...);
  };
  for (const Command& command : tree) {
    const std::string first = command.name.substr(0, command.name.find(' '));
    const bool is_inner = first.size() < command.name.size();
    const std::string when = command.name.empty()
                                 ? "__fish_use_subcommand"
                                 : fmt::format("__fish_seen_subcommand_from {}", is_inner ? command.name.substr(first.size() + 1) : first);
    if (!command.name.empty()) {
      add("complete -c reeve -n '{}' -a {} -d '{}'\n",
          is_inner ? fmt::format("__fish_seen_subcommand_from {}", first) : "__fish_use_subcommand",
          is_inner ? command.name.substr(first.size() + 1) : command.name, fish_text(command.about));
    }
    for (const CommandOption& option : command.options) {
      add("complete -c reeve -n '{}'", when);
      for (const std::string& name : option.names) out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      add("{} -d '{}'\n", fish_value(kind_of(option.value), option.value), fish_text(option.about));
    }
    for (const CommandOption& one : command.positionals) {
      const Kind kind = kind_of(one.value);
      if (kind == Kind::nothing) continue;
      std::string value = fish_value(kind, one.value);
      // Here it is an argument, not the value of an option.
      if (value.starts_with(" -r")) value = value.substr(3);
      if (value.starts_with(" -x")) value = " -f" + value.substr(3);
      add("complete -c reeve -n '{}'{}\n", when, value);
    }
  }
  return out;
}

}  // namespace reeve
