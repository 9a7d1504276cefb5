// Who is told of events as they happen, and lists of networks that others have collected.
#include <array>
#include <string>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/alert_form.h"
#include "config/apply.h"
#include "config/settle.h"
#include "config/values.h"

namespace reeve::apply_attribute {
namespace {

constexpr std::size_t kMostSinks = 16;
constexpr std::size_t kMostLists = 64;
constexpr std::size_t kMostUrlBytes = 2000;

bool is_web_address(std::string_view text) noexcept {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (text.size() > scheme.size() && equal_ignoring_case(text.substr(0, scheme.size()), scheme))
      return text.size() <= kMostUrlBytes && text[scheme.size()] != '/' && text.find_first_of("\"<>\\^`{|}") == std::string_view::npos;
  }
  return false;
}

// The sink that a line describes, with its format; nullptr when it is refused.
AlertSink* begin_sink(Desk& desk, Draft& draft, const Assignment& assignment, AlertSink::Kind kind, std::size_t fewest, std::size_t most,
                      std::string_view form) {
  static constexpr auto kFormats = std::to_array<std::string_view>({"json", "idmef", "idmef2", "cef", "plain", "custom"});
  AlertTerms& terms = desk.defence->alerts;
  const auto& values = assignment.values;
  if (values.size() < fewest || values.size() > most) {
    desk.refuse(draft, assignment.name.where, fmt::format("{} takes {}", assignment.name.text, form),
                fmt::format("{} = {}", assignment.name.text, form));
    return nullptr;
  }
  if (terms.sinks.size() >= kMostSinks) {
    desk.refuse(draft, assignment.name.where, fmt::format("more than {} receivers of alerts", kMostSinks));
    return nullptr;
  }
  AlertSink sink{.kind = kind, .where = assignment.name.where};
  if (kind != AlertSink::Kind::command) {
    std::size_t format = 0;
    while (format < kFormats.size() && !equal_ignoring_case(values[0].text, kFormats[format])) ++format;
    if (format == kFormats.size()) {
      refuse_word(desk, draft, assignment, values[0], kFormats);
      return nullptr;
    }
    sink.format = static_cast<AlertSink::Format>(format);
  }
  terms.sinks.push_back(std::move(sink));
  return &terms.sinks.back();
}

bool is_absolute(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word) {
  if (word.text.starts_with('/')) return true;
  desk.refuse(draft, word.where, fmt::format("{}: the path `{}` is relative", assignment.name.text, printable(word.text, 60)),
              "write it from the root");
  return false;
}

}  // namespace

void alert_file(Desk& desk, Draft& draft, const Assignment& assignment) {
  AlertSink* sink = begin_sink(desk, draft, assignment, AlertSink::Kind::file, 2, 2, "FORMAT PATH");
  if (sink != nullptr && is_absolute(desk, draft, assignment, assignment.values[1])) sink->target = assignment.values[1].text;
}

void alert_http(Desk& desk, Draft& draft, const Assignment& assignment) {
  AlertSink* sink = begin_sink(desk, draft, assignment, AlertSink::Kind::http, 2, 2, "FORMAT URL");
  if (sink == nullptr) return;
  const Word& word = assignment.values[1];
  // The address itself may hold a secret, and is not repeated.
  if (!is_web_address(word.text)) {
    desk.refuse(draft, word.where, "alert_http: this is no address of the web", "http://HOST/... or https://HOST/...");
  }
  sink->target = word.text;
}

void alert_syslog(Desk& desk, Draft& draft, const Assignment& assignment) {
  AlertSink* sink = begin_sink(desk, draft, assignment, AlertSink::Kind::syslog, 2, 3, "FORMAT FACILITY [LEVEL]");
  if (sink == nullptr) return;
  const auto facility = read_syslog_facility(desk, draft, assignment, assignment.values[1]);
  if (facility) sink->facility = *facility;
  if (assignment.values.size() < 3) return;
  const auto level = read_syslog_level(desk, draft, assignment, assignment.values[2]);
  if (level) sink->level = *level;
}

void alert_command(Desk& desk, Draft& draft, const Assignment& assignment) {
  constexpr std::size_t kMostArguments = 100;
  AlertSink* sink = begin_sink(desk, draft, assignment, AlertSink::Kind::command, 1, kMostArguments, "PATH [WORD ...]");
  if (sink == nullptr || !is_absolute(desk, draft, assignment, assignment.values[0])) return;
  const Word& path = assignment.values[0];
  if (!desk.names.is_executable(desk.store.intern(path.text))) {
    desk.report.warning(path.where, fmt::format("alert_command: there is no program `{}`", printable(path.text, 60)));
  }
  sink->target = path.text;
  for (std::size_t each = 1; each < assignment.values.size(); ++each) sink->arguments.emplace_back(assignment.values[each].text);
}

void alert_form(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  if (!is_absolute(desk, draft, assignment, word)) return;
  AlertTerms& terms = desk.defence->alerts;
  terms.form_path = word.text;
  auto text = desk.names.text_of_file(desk.store.intern(word.text), kMaxAlertFormBytes);
  if (!text) {
    desk.refuse(draft, word.where, fmt::format("alert_form: `{}` can't be read", printable(word.text, 200)),
                fmt::format("a file of at most {} KiB", kMaxAlertFormBytes >> 10));
    return;
  }
  const auto form = parse_alert_form(*text);
  if (!form) {
    desk.refuse(draft, word.where, fmt::format("alert_form: {}:{}: {}", printable(word.text, 200), form.error().line, form.error().what),
                form.error().hint);
  }
  terms.form_text = std::move(*text);
}

void alert_rate(Desk& desk, Draft& draft, const Assignment& assignment) {
  constexpr std::int64_t kMost = 1'000'000;
  const auto number = read_number(desk, draft, assignment, value_of(assignment), 1, kMost);
  if (number) desk.defence->alerts.most_per_minute = static_cast<std::uint32_t>(*number);
}

void ban_list(Desk& desk, Draft& draft, const Assignment& assignment) {
  auto& lists = desk.defence->lists.lists;
  for (const Word& word : assignment.values) {
    if (!word.text.starts_with('/') && !is_web_address(word.text)) {
      desk.refuse(draft, word.where, "ban_list: this is neither an absolute path nor an address of the web",
                  "/PATH, http://HOST/... or https://HOST/...");
      continue;
    }
    bool is_known = false;
    for (const BanList& list : lists) is_known = is_known || list.source == word.text;
    if (is_known) continue;
    if (lists.size() >= kMostLists) return desk.refuse(draft, word.where, fmt::format("ban_list: more than {} lists", kMostLists));
    lists.push_back({.source = std::string(word.text), .where = word.where});
  }
}

void ban_list_refresh(Desk& desk, Draft& draft, const Assignment& assignment) {
  constexpr std::int64_t kWeek = 7 * 24 * 60;
  const auto minutes = read_number(desk, draft, assignment, value_of(assignment), 1, kWeek);
  if (minutes) desk.defence->lists.refresh = std::chrono::minutes(*minutes);
}

}  // namespace reeve::apply_attribute

namespace reeve {

void settle_alerts(Desk& desk, Draft& defaults) {
  const AlertTerms& terms = desk.defence->alerts;
  for (const AlertSink& sink : terms.sinks) {
    if (sink.format != AlertSink::Format::custom || !terms.form_path.empty()) continue;
    desk.refuse(defaults, sink.where, "the format custom needs a form to fill in", "alert_form = PATH");
  }
}

}  // namespace reeve
