// The [Service] half of a UnitEntry: what is run, as whom, with which surroundings.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/unit_entry.h"
#include "config/values.h"

namespace reeve {
namespace {

constexpr std::string_view kService = "Service";

}  // namespace

void UnitEntry::read_program() {
  read_environment();  // its variables may stand in the command
  read_streams();
  const std::vector<const UnitSetting*> commands = service_.all(kService, "ExecStart");
  if (commands.empty()) {
    switch_off({1, 0, unit_.service_files.front()}, fmt::format("{} has no ExecStart=", unit_.service));
  } else {
    if (commands.size() > 1) switch_off(commands[1]->where, "several commands can't be said");
    read_command(*commands.front());
  }
  read_user();
  read_resources();
}

void UnitEntry::read_command(const UnitSetting& setting) {
  const auto cannot = [&](std::string_view why) { switch_off(setting.where, fmt::format("ExecStart=: {}", why)); };
  const Result<std::vector<UnitWord>> words = split_unit_words(setting.value);
  if (!words) return cannot(words.error().what);
  if (words->empty()) return cannot("names no program");
  std::string_view path = words->front().text;
  bool names_itself = false, expands = true;
  for (; !path.empty() && std::string_view("@-:+!").contains(path.front()); path.remove_prefix(1)) {
    names_itself = names_itself || path.front() == '@';
    expands = expands && path.front() != ':';
    if (path.front() == '+' || path.front() == '!') cannot("a program with more rights than its user can't be said");
  }
  const Result<std::string> expanded = expand_specifiers(path, facts_);
  if (!expanded) return cannot(expanded.error().what);
  std::string server = *expanded;
  if (!server.starts_with('/')) {
    static constexpr auto kFolders =
        std::to_array<std::string_view>({"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"});
    const auto found =
        std::ranges::find_if(kFolders, [&](std::string_view folder) { return names_.is_executable(fmt::format("{}/{}", folder, server)); });
    if (found == kFolders.end()) return cannot(fmt::format("there is no program `{}` in the folders for programs", printable(server, 60)));
    server = fmt::format("{}/{}", *found, server);
  }
  if (!is_word(server)) return cannot("a path with a blank can't be said");
  set("server", server);
  if (words->size() == 1) {
    if (names_itself) cannot("@ needs the program's own name behind the path");
    return;
  }
  std::vector<std::string> arguments;
  for (const UnitWord& word : std::span(*words).subspan(1)) {
    if (word.text == ";" && word.is_plain) return cannot("several commands can't be said");
    const Result<std::string> text = expand_specifiers(word.text, facts_);
    if (!text) return cannot(text.error().what);
    const auto parts = expands ? expand_variables(*text, facts_) : Result<std::vector<std::string>>(std::vector{*text});
    if (!parts) return cannot(parts.error().what);
    arguments.insert(arguments.end(), parts->begin(), parts->end());
  }
  if (!std::ranges::all_of(arguments, is_word)) return cannot("an empty argument, or one with a blank, can't be said");
  if (arguments.empty()) return;
  if (names_itself) flags_.emplace_back("NAMEINARGS");
  set("server_args", fmt::format("{}", fmt::join(arguments, " ")));
}

void UnitEntry::read_streams() {
  const UnitSetting* const in = service_.last(kService, "StandardInput");
  const UnitSetting* const out = service_.last(kService, "StandardOutput");
  const UnitSetting* const err = service_.last(kService, "StandardError");
  const bool is_inetd = in != nullptr && in->value == "socket";
  if (!is_inetd) {
    flags_.emplace_back("LISTEN_FDS");
    for (const UnitSetting* one : {in, out, err}) {
      if (one != nullptr && one->value != "null" && one->value != "journal" && one->value != "inherit")
        lose(*one, "with LISTEN_FDS, 0 is /dev/null, and 1 and 2 are reeved's standard error");
    }
  } else {
    for (const UnitSetting* one : {out, err}) {
      if (one != nullptr && one->value != "socket" && one->value != "inherit") lose(*one, "the connection is 0, 1 and 2");
    }
  }
  std::vector<std::string> unset;
  for (const UnitSetting* one : service_.all(kService, "UnsetEnvironment")) {
    const Result<std::vector<UnitWord>> words = split_unit_words(one->value);
    for (std::size_t each = 0; words && each < words->size(); ++each) {
      if ((*words)[each].text == "REMOTE_ADDR" || (*words)[each].text == "REMOTE_PORT") {
        unset.push_back((*words)[each].text);
      } else {
        lose(*one, fmt::format("`{}` can't be taken away", printable((*words)[each].text, 60)));
      }
    }
    if (!words) lose(*one, words.error().what);
  }
  const bool has_network = std::ranges::any_of(groups_, [](const Group& one) { return !one.is_path; });
  if (accepts_ && has_network && unset.empty()) flags_.emplace_back("REMOTE_ADDR");
}

void UnitEntry::read_user() {
  const UnitSetting* const dynamic = service_.last(kService, "DynamicUser");
  if (is_set(dynamic)) switch_off(dynamic->where, "a user that is made for each start (DynamicUser=) can't be said");
  const auto user = word_of(kService, "User");
  set("user", user.value_or("root"));
  if (const auto group = word_of(kService, "Group")) set("group", *group);
  // systemd gives a user's own groups to whoever User= names.
  if (user && *user != "root" && *user != "0") set("groups", "yes");
  for (const UnitSetting* one : service_.all(kService, "SupplementaryGroups"))
    lose(*one, "groups are the user's own", "usermod -aG adds the user to a group");
  const auto mask = word_of(kService, "UMask"), nice = word_of(kService, "Nice");
  if (mask) set("umask", *mask);
  if (nice) set("nice", *nice);
}

void UnitEntry::read_environment() {
  std::vector<std::string> variables, passed;
  for (const UnitSetting* one : service_.all(kService, "Environment")) {
    const Result<std::vector<UnitWord>> words = split_unit_words(one->value);
    if (!words) {
      lose(*one, words.error().what);
      continue;
    }
    for (const UnitWord& word : *words) {
      const Result<std::string> text = expand_specifiers(word.text, facts_);
      const std::size_t equals = text ? text->find('=') : std::string::npos;
      if (!text) {
        lose(*one, text.error().what);
      } else if (equals == std::string::npos || equals == 0) {
        lose(*one, fmt::format("`{}` is no NAME=VALUE", printable(*text, 60)));
      } else {
        facts_.variables[text->substr(0, equals)] = text->substr(equals + 1);
        if (is_word(*text)) {
          variables.push_back(*text);
        } else {
          lose(*one, fmt::format("the value of {} holds a blank, which can't be said", printable(text->substr(0, equals), 60)));
        }
      }
    }
  }
  for (const UnitSetting* one : service_.all(kService, "PassEnvironment")) {
    const Result<std::vector<UnitWord>> words = split_unit_words(one->value);
    if (!words) lose(*one, words.error().what);
    for (std::size_t each = 0; words && each < words->size(); ++each) {
      if (is_word((*words)[each].text)) passed.push_back((*words)[each].text);
    }
  }
  for (const UnitSetting* one : service_.all(kService, "EnvironmentFile"))
    lose(*one, "a file of variables can't be said", "env = NAME=VALUE ...");
  if (!variables.empty()) set("env", fmt::format("{}", fmt::join(variables, " ")));
  // A unit starts with next to nothing of the manager's environment.
  for (const std::string_view usual : {"LANG", "PATH"}) {
    if (std::ranges::find(passed, usual) == passed.end()) passed.insert(passed.begin(), std::string(usual));
  }
  set("passenv", fmt::format("{}", fmt::join(passed, " ")));
}

void UnitEntry::read_resources() {
  struct Limit {
    std::string_view key, attribute;
  };
  static constexpr auto kLimits = std::to_array<Limit>({{"LimitAS", "rlimit_as"},
                                                        {"LimitCPU", "rlimit_cpu"},
                                                        {"LimitDATA", "rlimit_data"},
                                                        {"LimitNOFILE", "rlimit_files"},
                                                        {"LimitRSS", "rlimit_rss"},
                                                        {"LimitSTACK", "rlimit_stack"}});
  for (const Limit& limit : kLimits) read_resource(limit.key, limit.attribute);
}

void UnitEntry::read_resource(std::string_view key, std::string_view attribute) {
  const UnitSetting* const setting = service_.last(kService, key);
  if (setting == nullptr) return;
  const std::string_view value = setting->value;
  const std::size_t colon = std::min(value.find(':'), value.size());
  const auto number = [&](std::string_view text) {
    if (attribute != "rlimit_cpu") return parse_unit_size(text);
    const auto span = parse_unit_time(text);
    return !span || *span == UINT64_MAX ? span : std::optional((*span + 999'999) / 1'000'000);
  };
  const auto soft = number(value.substr(0, colon));
  if (!soft) return switch_off(setting->where, fmt::format("{}={} is no limit", key, printable(value, 60)));
  if (colon < value.size() && number(value.substr(colon + 1)) != soft)
    lose(*setting, "one limit can't be said as two: the soft one is taken for both");
  set(attribute, *soft == UINT64_MAX ? "UNLIMITED" : fmt::to_string(*soft));
}

}  // namespace reeve
