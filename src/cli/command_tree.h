// CommandTree: the commands and options of `reeve` as they are defined, for what is made from them: completion, help, and the
// lint that holds the manual pages to them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace reeve {

struct CommandOption {
  std::vector<std::string> names;  // "--file", "-f"; a positional one's only name is "SERVICE"
  std::string value;               // "FILE", "inetd|systemd"; empty for a flag
  bool may_lack_value = false;     // "[FILE]"
  bool is_repeated = false;
  std::string about;
};

struct Command {
  std::string name;  // "check"; "" for reeve itself
  std::string about;
  std::string help;  // as --help prints it
  std::vector<CommandOption> options, positionals;
};

using CommandTree = std::vector<Command>;

[[nodiscard]] CommandTree command_tree(CLI::App& app);

// "check --strict", one a line, sorted as defined.
[[nodiscard]] std::string list_of_commands(const CommandTree& tree);

}  // namespace reeve
