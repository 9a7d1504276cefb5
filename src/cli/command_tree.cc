#include "cli/command_tree.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace reeve {
namespace {

CommandOption option_of(const CLI::Option& option) {
  CommandOption one;
  if (option.get_positional()) {
    one.names.push_back(option.get_single_name());
    one.value = option.get_type_name() == "TEXT" ? one.names.front() : option.get_type_name();
  } else {
    for (const std::string& name : option.get_lnames()) one.names.push_back("--" + name);
    for (const std::string& name : option.get_snames()) one.names.push_back("-" + name);
    if (option.get_items_expected_max() > 0) one.value = option.get_type_name();
  }
  if (one.value.starts_with('[') && one.value.ends_with(']')) {
    one.may_lack_value = true;
    one.value = one.value.substr(1, one.value.size() - 2);
  }
  one.is_repeated = option.get_positional() && option.get_items_expected_max() > 1;
  one.about = option.get_description();
  return one;
}

Command command_of(CLI::App& app, const std::string& name) {
  Command command{.name = name, .about = app.get_description(), .help = app.help("reeve")};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    (option->get_positional() ? command.positionals : command.options).push_back(option_of(*option));
  }
  return command;
}

void add_commands(CommandTree& tree, CLI::App& app, const std::string& prefix) {
  for (CLI::App* one : app.get_subcommands([](CLI::App* sub) { return !sub->get_group().empty(); })) {
    const std::string name = prefix.empty() ? one->get_name() : prefix + ' ' + one->get_name();
    tree.push_back(command_of(*one, name));
    add_commands(tree, *one, name);
  }
}

}  // namespace

CommandTree command_tree(CLI::App& app) {
  CommandTree tree;
  tree.push_back(command_of(app, ""));
  tree.front().help = app.get_formatter()->make_help(&app, "reeve", CLI::AppFormatMode::Normal);
  add_commands(tree, app, "");
  return tree;
}

std::string list_of_commands(const CommandTree& tree) {
  std::string out;
  for (const Command& command : tree) {
    const std::string prefix = command.name.empty() ? "" : command.name + ' ';
    if (!command.name.empty()) out += command.name + '\n';
    for (const CommandOption& option : command.options) {
      for (const std::string& name : option.names) out += prefix + name + '\n';
    }
  }
  return out;
}

}  // namespace reeve
