// How the program is started: what, as whom, with which surroundings and limits.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/apply.h"
#include "config/values.h"

namespace reeve::apply_attribute {
namespace {

constexpr std::int64_t kMostId = UINT32_MAX - 1;  // the last number means "no such id" to the system

std::optional<std::uint32_t> parse_id(std::string_view text) noexcept {
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number || *number < 0 || *number > kMostId) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

void limit(Desk& desk, Draft& draft, const Assignment& assignment, Resource resource) {
  const Word& word = value_of(assignment);
  std::optional<std::uint64_t> value;
  if (is_unlimited(word.text)) {
    value = UINT64_MAX;
  } else if (resource == Resource::cpu) {
    const std::optional<std::int64_t> seconds = parse_integer(word.text);
    if (seconds && *seconds >= 0 && *seconds <= INT32_MAX) value = static_cast<std::uint64_t>(*seconds);
  } else {
    value = parse_size(word.text);
    if (value && *value >= static_cast<std::uint64_t>(INT64_MAX)) value.reset();
  }
  if (!value) {
    return desk.refuse(
        draft, word.where, fmt::format("{}: `{}` is not a limit", assignment.name.text, printable(word.text, 60)),
        resource == Resource::cpu ? "a number of seconds or UNLIMITED" : "a number, with K or M behind it or not, or UNLIMITED");
  }
  draft.limits.push_back({resource, *value});
}

}  // namespace

void server(Desk& desk, Draft& draft, const Assignment& assignment) {
  draft.launch.server = desk.store.intern(value_of(assignment).text);  // settle() looks whether it is there
}

void server_args(Desk& desk, Draft& draft, const Assignment& assignment) {
  for (const Word& word : assignment.values) draft.arguments.items.push_back(desk.store.intern(word.text));
}

void user(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  draft.user = desk.store.intern(word.text);
  if (const std::optional<UserIds> ids = desk.names.find_user(draft.user)) {
    draft.launch.uid = ids->uid;
    draft.launch.gid = ids->gid;
  } else if (const std::optional<std::uint32_t> id = parse_id(word.text)) {
    // As xinetd: a number is the user and, unless `group` says otherwise, the group.
    draft.launch.uid = draft.launch.gid = *id;
  } else {
    desk.refuse(draft, word.where, fmt::format("user: there is no user `{}`", printable(word.text, 60)));
  }
}

void group(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  if (const std::optional<std::uint32_t> gid = desk.names.find_group(desk.store.intern(word.text))) {
    draft.group = gid;
  } else if (const std::optional<std::uint32_t> id = parse_id(word.text)) {
    draft.group = id;
  } else {
    desk.refuse(draft, word.where, fmt::format("group: there is no group `{}`", printable(word.text, 60)));
  }
}

void groups(Desk& desk, Draft& draft, const Assignment& assignment) {
  if (const std::optional<bool> value = read_yes_no(desk, draft, assignment)) draft.wants_groups = *value;
}

void umask(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  const std::optional<std::int64_t> mask = parse_octal(word.text);
  if (!mask || *mask < 0 || *mask > 0777) {
    return desk.refuse(draft, word.where, fmt::format("umask: `{}` is not an octal number from 0 to 777", printable(word.text, 60)));
  }
  draft.launch.umask = static_cast<std::uint16_t>(*mask);
}

void nice(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  const std::optional<std::int64_t> value = parse_integer(word.text);
  if (!value) return desk.refuse(draft, word.where, fmt::format("nice: `{}` is not a number", printable(word.text, 60)));
  // The system takes what is beyond its ends for the ends.
  if (*value < -20 || *value > 19) desk.report.warning(word.where, fmt::format("nice: {} is beyond -20 to 19", printable(word.text, 60)));
  draft.launch.nice = static_cast<std::int8_t>(std::clamp<std::int64_t>(*value, -20, 19));
}

void env(Desk& desk, Draft& draft, const Assignment& assignment) {
  begin_change<Text>(draft, draft.env, nullptr, assignment);
  for (const Word& word : assignment.values) {
    const std::size_t equals = word.text.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      desk.refuse(draft, word.where, fmt::format("env: `{}` is not NAME=VALUE", printable(word.text, 60)));
    } else {
      draft.env.items.push_back(desk.store.intern(word.text));
    }
  }
}

void passenv(Desk& desk, Draft& draft, const Assignment& assignment) {
  const bool is_there = draft.passenv.own || (!draft.is_defaults() && draft.defaults->passenv.own);
  if (assignment.op == Operator::remove && !is_there) {
    desk.report.warning(assignment.name.where, "passenv: there is no list to remove from");
    return;
  }
  begin_change(draft, draft.passenv, draft.is_defaults() ? nullptr : &draft.defaults->passenv, assignment);
  for (const Word& word : assignment.values) {
    const Text name = desk.store.intern(word.text);
    std::erase(draft.passenv.items, name);
    if (assignment.op != Operator::remove) draft.passenv.items.push_back(name);
  }
}

void rlimit_as(Desk& desk, Draft& draft, const Assignment& assignment) {
  limit(desk, draft, assignment, Resource::as);
}
void rlimit_cpu(Desk& desk, Draft& draft, const Assignment& assignment) {
  limit(desk, draft, assignment, Resource::cpu);
}
void rlimit_data(Desk& desk, Draft& draft, const Assignment& assignment) {
  limit(desk, draft, assignment, Resource::data);
}
void rlimit_rss(Desk& desk, Draft& draft, const Assignment& assignment) {
  limit(desk, draft, assignment, Resource::rss);
}
void rlimit_stack(Desk& desk, Draft& draft, const Assignment& assignment) {
  limit(desk, draft, assignment, Resource::stack);
}
void rlimit_files(Desk& desk, Draft& draft, const Assignment& assignment) {
  limit(desk, draft, assignment, Resource::files);
}

}  // namespace reeve::apply_attribute
