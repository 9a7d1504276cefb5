// Where a service's records go, what they hold, and what clients are told.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/apply.h"
#include "config/values.h"

namespace reeve::apply_attribute {
namespace {

struct SyslogName {
  std::string_view name;
  std::uint8_t number;
};

// As in syslog(3), not shifted. `kern` is the kernel's own.
constexpr auto kFacilities = std::to_array<SyslogName>({
    {"user", 1},
    {"mail", 2},
    {"daemon", 3},
    {"auth", 4},
    {"lpr", 6},
    {"news", 7},
    {"uucp", 8},
    {"authpriv", 10},
    {"ftp", 11},
    {"local0", 16},
    {"local1", 17},
    {"local2", 18},
    {"local3", 19},
    {"local4", 20},
    {"local5", 21},
    {"local6", 22},
    {"local7", 23},
});
constexpr auto kLevels = std::to_array<SyslogName>({
    {"emerg", 0},
    {"alert", 1},
    {"crit", 2},
    {"err", 3},
    {"warning", 4},
    {"notice", 5},
    {"info", 6},
    {"debug", 7},
});

template <std::size_t N>
std::optional<std::uint8_t> read_syslog_name(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word,
                                             const std::array<SyslogName, N>& names) {
  std::array<std::string_view, N> known;
  for (std::size_t i = 0; i < N; ++i) {
    if (equal_ignoring_case(word.text, names[i].name)) return names[i].number;
    known[i] = names[i].name;
  }
  refuse_word(desk, draft, assignment, word, known);
  return std::nullopt;
}

}  // namespace
}  // namespace reeve::apply_attribute

namespace reeve {

std::optional<std::uint8_t> read_syslog_facility(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word) {
  return apply_attribute::read_syslog_name(desk, draft, assignment, word, apply_attribute::kFacilities);
}

std::optional<std::uint8_t> read_syslog_level(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word) {
  return apply_attribute::read_syslog_name(desk, draft, assignment, word, apply_attribute::kLevels);
}

}  // namespace reeve

namespace reeve::apply_attribute {
namespace {

std::optional<std::uint64_t> read_log_size(Desk& desk, Draft& draft, const Word& word) {
  const std::optional<std::uint64_t> size = parse_size(word.text);
  if (!size || *size >= static_cast<std::uint64_t>(INT64_MAX)) {
    desk.refuse(draft, word.where, fmt::format("log_type: `{}` is not a size", printable(word.text, 60)),
                "a number, with K or M behind it or not");
    return std::nullopt;
  }
  return size;
}

void read_file_target(Desk& desk, Draft& draft, const Assignment& assignment) {
  const auto& values = assignment.values;
  if (values.size() < 2) return desk.refuse(draft, values[0].where, "log_type: FILE needs a path", "FILE PATH [SOFT [HARD]]");
  LogTarget target{.kind = LogTarget::Kind::file, .path = desk.store.intern(values[1].text)};
  if (!values[1].text.starts_with('/')) {
    desk.report.warning(values[1].where, fmt::format("log_type: the path `{}` is relative", printable(values[1].text, 60)),
                        "write it from the root");
  }
  if (values.size() > 2) {
    const auto soft = read_log_size(desk, draft, values[2]);
    if (!soft) return;
    // Without a hard limit: one hundredth more, at least 5K and at most 20K.
    constexpr std::uint64_t kLeastExtra = 5 * 1024, kMostExtra = 20 * 1024;
    target.soft_limit = *soft;
    target.hard_limit = *soft == 0 ? 0 : *soft + std::clamp(*soft / 100, kLeastExtra, kMostExtra);
  }
  if (values.size() > 3) {
    const auto hard = read_log_size(desk, draft, values[3]);
    if (!hard) return;
    if (*hard < target.soft_limit) return desk.refuse(draft, values[3].where, "log_type: the hard limit is below the soft limit");
    target.hard_limit = *hard;
  }
  draft.log = target;
}

void read_syslog_target(Desk& desk, Draft& draft, const Assignment& assignment) {
  const auto& values = assignment.values;
  if (values.size() < 2 || values.size() > 3) {
    return desk.refuse(draft, values[0].where, "log_type: SYSLOG needs a facility", "SYSLOG FACILITY [LEVEL]");
  }
  LogTarget target{.kind = LogTarget::Kind::syslog};
  const auto facility = read_syslog_facility(desk, draft, assignment, values[1]);
  const auto level = values.size() == 3 ? read_syslog_level(desk, draft, assignment, values[2]) : std::optional(target.level);
  if (!facility || !level) return;
  target.facility = *facility;
  target.level = *level;
  draft.log = target;
}

template <class Fields>
struct FieldWord {
  std::string_view word;
  void (*set)(Fields&, bool);
};

template <class Fields, std::size_t N>
void change_fields(Desk& desk, Draft& draft, const Assignment& assignment, Fields& fields, const std::array<FieldWord<Fields>, N>& words) {
  if (!draft.is_defaults() && assignment.op == Operator::assign) fields = {};
  for (const Word& word : assignment.values) {
    const auto found = std::find_if(words.begin(), words.end(), [&](const auto& one) { return equal_ignoring_case(one.word, word.text); });
    if (found != words.end()) {
      found->set(fields, assignment.op != Operator::remove);
      continue;
    }
    std::array<std::string_view, N> known;
    for (std::size_t i = 0; i < N; ++i) known[i] = words[i].word;
    refuse_word(desk, draft, assignment, word, known);
  }
}

constexpr auto kSuccessWords = std::to_array<FieldWord<SuccessFields>>({
    {"PID", [](SuccessFields& f, bool on) { f.pid = on; }},
    {"HOST", [](SuccessFields& f, bool on) { f.host = on; }},
    {"USERID", [](SuccessFields& f, bool on) { f.userid = on; }},
    {"EXIT", [](SuccessFields& f, bool on) { f.exit = on; }},
    {"DURATION", [](SuccessFields& f, bool on) { f.duration = on; }},
    {"TRAFFIC", [](SuccessFields& f, bool on) { f.traffic = on; }},
});

constexpr auto kFailureWords = std::to_array<FieldWord<FailureFields>>({
    {"HOST", [](FailureFields& f, bool on) { f.host = on; }},
    {"USERID", [](FailureFields& f, bool on) { f.userid = on; }},
    {"ATTEMPT", [](FailureFields& f, bool on) { f.attempt = on; }},
});

Text read_banner(Desk& desk, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  if (!word.text.starts_with('/')) {
    desk.report.warning(word.where, fmt::format("{}: the path `{}` is relative", assignment.name.text, printable(word.text, 60)),
                        "write it from the root");
  }
  return desk.store.intern(word.text);
}

}  // namespace

void log_type(Desk& desk, Draft& draft, const Assignment& assignment) {
  static constexpr auto kKinds = std::to_array<std::string_view>({"FILE", "SYSLOG"});
  const Word& kind = value_of(assignment);
  if (equal_ignoring_case(kind.text, kKinds[0])) return read_file_target(desk, draft, assignment);
  if (equal_ignoring_case(kind.text, kKinds[1])) return read_syslog_target(desk, draft, assignment);
  refuse_word(desk, draft, assignment, kind, kKinds);
}

void log_format(Desk& desk, Draft& draft, const Assignment& assignment) {
  static constexpr auto kWords = std::to_array<std::string_view>({"xinetd", "json"});
  const Word& word = value_of(assignment);
  if (equal_ignoring_case(word.text, kWords[0])) {
    draft.log_format = LogFormat::xinetd;
  } else if (equal_ignoring_case(word.text, kWords[1])) {
    draft.log_format = LogFormat::json;
  } else {
    refuse_word(desk, draft, assignment, word, kWords);
  }
}

void log_on_success(Desk& desk, Draft& draft, const Assignment& assignment) {
  change_fields(desk, draft, assignment, draft.service.log_on_success, kSuccessWords);
}

void log_on_failure(Desk& desk, Draft& draft, const Assignment& assignment) {
  change_fields(desk, draft, assignment, draft.service.log_on_failure, kFailureWords);
}

void banner(Desk& desk, Draft& draft, const Assignment& assignment) {
  draft.banners.always = read_banner(desk, assignment);
}
void banner_success(Desk& desk, Draft& draft, const Assignment& assignment) {
  draft.banners.success = read_banner(desk, assignment);
}
void banner_fail(Desk& desk, Draft& draft, const Assignment& assignment) {
  draft.banners.fail = read_banner(desk, assignment);
}

}  // namespace reeve::apply_attribute
