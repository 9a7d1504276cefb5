// help: what `reeve help TOPIC` says. Topics are short texts for a terminal; commands explain themselves.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/answer.h"
#include "cli/command_tree.h"

namespace reeve {

struct HelpTopic {
  std::string_view name, about, text;
};
[[nodiscard]] std::span<const HelpTopic> help_topics() noexcept;

// `words` is what stands behind `help`; `tree` the commands, the first of them `reeve` itself, and `overview` its help.
[[nodiscard]] Answer help(std::span<const std::string> words, const CommandTree& tree, std::string_view overview);

// The answer to a word that is no command, with the one that may have been meant.
[[nodiscard]] Answer no_such_command(std::string_view word, const CommandTree& tree);

}  // namespace reeve
