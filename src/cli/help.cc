#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/attribute_manual.h"
#include "cli/completion.h"
#include "cli/help_topics.h"
#include "cli/wrapped_text.h"
#include "config/lexer.h"
#include "config/values.h"

namespace reeve {
namespace {

constexpr std::string_view kAttribute = "attribute";

std::string list_of_topics() {
  std::string out = "Topics of reeve help:\n";
  fmt::format_to(std::back_inserter(out), "  {:<24}{}\n", "attribute NAME", "what it means, where it may stand, what holds without it");
  for (const HelpTopic& topic : help_topics()) fmt::format_to(std::back_inserter(out), "  {:<24}{}\n", topic.name, topic.about);
  return out;
}

// What is made from reeve's own tables, for scripts/generate and for completion.
std::optional<std::string> generated(std::string_view word, const CommandTree& tree) {
  if (word == "--attributes=mdoc") return attributes_as_mdoc();
  if (word == "--completion=bash") return bash_completion(tree);
  if (word == "--completion=zsh") return zsh_completion(tree);
  if (word == "--completion=fish") return fish_completion(tree);
  if (word == "--commands") return list_of_commands(tree);
  if (word != "--topics") return std::nullopt;
  std::string names = "attribute\n";
  for (const HelpTopic& topic : help_topics()) fmt::format_to(std::back_inserter(names), "{}\n", topic.name);
  for (const Command& command : tree) {
    if (!command.name.empty() && command.name.find(' ') == std::string::npos) names += command.name + '\n';
  }
  return names;
}

Answer about_attribute(std::span<const std::string> names) {
  if (names.empty()) return {.out = list_of_attributes()};
  Answer answer;
  for (const std::string& name : names) {
    std::string text = attribute_help(name);
    const bool is_unknown = text.starts_with("reeve: ");
    if (is_unknown) answer.exit_code = kWrong;
    (is_unknown ? answer.err : answer.out) += (answer.out.empty() || is_unknown ? "" : "\n") + text;
  }
  return answer;
}

}  // namespace

Answer no_such_command(std::string_view word, const CommandTree& tree) {
  std::vector<std::string_view> known;
  for (const Command& command : tree) {
    if (!command.name.empty()) known.push_back(command.name);
  }
  const std::string hint = did_you_mean(word, known);
  return {.err = fmt::format("reeve: there is no command `{}`: {}\n", printable(word, 60), hint.empty() ? "`reeve help` lists them" : hint),
          .exit_code = kWrong};
}

Answer help(std::span<const std::string> words, const CommandTree& tree, std::string_view overview) {
  if (words.empty()) return {.out = fmt::format("{}\n{}", overview, list_of_topics())};
  const std::string& word = words.front();
  if (auto text = generated(word, tree)) return {.out = *std::move(text)};
  if (equal_ignoring_case(word, kAttribute)) return about_attribute(words.subspan(1));
  if (equal_ignoring_case(word, "attributes")) return about_attribute({});
  // A command goes first: where it has a topic of its own, both are said.
  const std::string whole = fmt::format("{}", fmt::join(words, " "));
  Answer answer;
  for (const Command& command : tree) {
    if (!command.name.empty() && (command.name == whole || command.name == word)) answer.out = command.help;
  }
  const auto topic = std::ranges::find_if(help_topics(), [&](const HelpTopic& one) { return equal_ignoring_case(one.name, word); });
  if (topic != help_topics().end()) answer.out += (answer.out.empty() ? "" : "\n") + wrapped_text(topic->text);
  if (!answer.out.empty()) return answer;
  std::vector<std::string_view> known{kAttribute};
  for (const HelpTopic& one : help_topics()) known.push_back(one.name);
  for (const Command& command : tree) {
    if (!command.name.empty()) known.push_back(command.name);
  }
  const std::string hint = did_you_mean(word, known);
  return {.err = fmt::format("reeve: there is no command or topic `{}`{}{}\n{}", printable(word, 60), hint.empty() ? "" : ": ", hint,
                             hint.empty() ? list_of_topics() : ""),
          .exit_code = kWrong};
}

}  // namespace reeve
