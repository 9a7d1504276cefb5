// completion: what a shell has to know to complete the command line of `reeve`, made from its commands.
//
// contrib/completion/ holds the scripts; a lint holds them to what these functions make.
#pragma once

#include <string>

#include "cli/command_tree.h"

namespace reeve {

[[nodiscard]] std::string bash_completion(const CommandTree& tree);
[[nodiscard]] std::string zsh_completion(const CommandTree& tree);
[[nodiscard]] std::string fish_completion(const CommandTree& tree);

}  // namespace reeve
