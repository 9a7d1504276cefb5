#include "cli/control_views.h"

#include <algorithm>
#include <ctime>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "cli/spans.h"
#include "cli/table.h"

namespace reeve {

namespace {

using Object = boost::json::object;
using Out = std::back_insert_iterator<std::string>;

std::string amount(const Object& object, std::string_view field) {
  return fmt::to_string(number_of(object, field));
}

std::string limit(const Object& object, std::string_view field) {
  return has_value(object, field) ? amount(object, field) : "-";
}

std::string word_of(std::string_view key) {
  return {key.data(), key.size()};
}

// "3 per_source, 1 ban", the most frequent first.
std::string counts_text(const Object* counts) {
  if (counts == nullptr) return {};
  std::vector<std::pair<std::int64_t, std::string>> sorted;
  for (const auto& [key, value] : *counts) {
    const std::string name = word_of({key.data(), key.size()});
    sorted.emplace_back(number_of(*counts, name), name);
  }
  std::ranges::sort(sorted, [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::string text;
  for (const auto& [count, name] : sorted) fmt::format_to(Out(text), "{}{} {}", text.empty() ? "" : ", ", count, name);
  return text;
}

void add_row(std::string& out, std::string_view title, std::string_view value, bool colour) {
  fmt::format_to(Out(out), "{}{:<14}{}{}\n", colour ? "\x1b[1m" : "", title, colour ? "\x1b[0m" : "", value);
}

std::string port_text(const Object& item) {
  if (has_value(item, "path")) return text_of(item, "path");
  const std::int64_t places = number_of(item, "places");
  if (places == 0) return "-";
  return places > 1 ? fmt::format("{} (+{})", number_of(item, "port"), places - 1) : amount(item, "port");
}

std::string date_text(std::int64_t seconds) {
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::localtime_r(&when, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

// "fleet connected, fleet_lag_ms 3": what a follower says of itself.
std::string states_text(const Object* states) {
  std::string out;
  if (states == nullptr) return out;
  for (const auto& [key, value] : *states) {
    const std::string name = word_of({key.data(), key.size()});
    fmt::format_to(Out(out), "{}{} {}", out.empty() ? "" : ", ", name, text_of(*states, name));
  }
  return out;
}

}  // namespace

std::string status_view(const ControlReply& reply, bool colour) {
  const Object& last = reply.last;
  std::string out;
  const auto row = [&](std::string_view title, const std::string& value) { add_row(out, title, value, colour); };
  std::string daemon = fmt::format("reeved {}, up {}, pid {}", text_of(last, "version"), span_text(number_of(last, "uptime_s")),
                                   number_of(last, "monitor_pid"));
  if (text_of(last, "version") != REEVE_VERSION) daemon += " (this is reeve " REEVE_VERSION ")";
  row("daemon", daemon);
  std::string engine = fmt::format("pid {}, up {}", number_of(last, "engine_pid"), span_text(number_of(last, "engine_uptime_s")));
  if (number_of(last, "engines") > 1) engine += fmt::format(", number {} since the daemon's start", number_of(last, "engines"));
  row("engine", engine);
  row("configuration", fmt::format("{}, generation {}", text_of(last, "configuration"), number_of(last, "generation")));
  row("services", fmt::format("{} ({}), {} listeners", number_of(last, "services"), counts_text(object_of(last, "services_by")),
                              number_of(last, "listeners")));
  std::string running = fmt::format("{} instances, {} of them processes", number_of(last, "running"), number_of(last, "processes"));
  if (has_value(last, "process_limit")) running += fmt::format(" (limit {})", number_of(last, "process_limit"));
  row("running", running);
  row("admitted", amount(last, "admitted"));
  const std::string reasons = counts_text(object_of(last, "refused_by"));
  row("refused", amount(last, "refused") + (reasons.empty() ? "" : ": " + reasons));
  const std::int64_t pushed_out = number_of(last, "bans_pushed_out");
  row("bans", amount(last, "bans") + (pushed_out > 0 ? fmt::format(", {} pushed out at the bound", pushed_out) : ""));
  for (const std::string_view follower : {"keeper", "firewall"}) {
    if (const std::string states = states_text(object_of(last, follower)); !states.empty()) row(follower, states);
  }
  if (number_of(last, "tarpit_caught") != 0) {
    const std::int64_t let_go = number_of(last, "tarpit_pushed_out");
    row("tarpit", fmt::format("{} clients, {} since the start{}", number_of(last, "tarpit"), number_of(last, "tarpit_caught"),
                              let_go > 0 ? fmt::format(", {} let go for want of room", let_go) : ""));
  }
  const auto* const load = last.if_contains("load");
  row("load", load != nullptr && load->if_double() != nullptr ? fmt::format("{:.2f}", *load->if_double()) : "0.00");
  row("log", number_of(last, "log_lines_lost") == 0 ? "no line lost" : fmt::format("{} lines lost", number_of(last, "log_lines_lost")));
  if (number_of(last, "engines") > 1) out += "Counts are those since the start of the engine.\n";
  return out;
}

std::string services_view(const ControlReply& reply, bool colour) {
  Table table({{"SERVICE"},
               {"KIND"},
               {"PORT", true},
               {"STATE"},
               {"RUNNING", true},
               {"LIMIT", true},
               {"ADMITTED", true},
               {"REFUSED", true},
               {"BY"}});
  for (const Object& item : reply.items) {
    table.add({text_of(item, "id"), text_of(item, "kind"), port_text(item), text_of(item, "state"), amount(item, "running"),
               limit(item, "instances"), amount(item, "admitted"), amount(item, "refused"), counts_text(object_of(item, "refused_by"))});
  }
  return table.empty() ? "no services\n" : table.text(colour);
}

std::string instances_view(const ControlReply& reply, bool colour) {
  Table table({{"SERVICE"}, {"PID", true}, {"SOURCE"}, {"AGE", true}, {"NOTE"}});
  std::vector<const Object*> sorted;
  for (const Object& item : reply.items) sorted.push_back(&item);
  std::ranges::stable_sort(sorted, [](const Object* a, const Object* b) {
    const std::string first = text_of(*a, "service"), second = text_of(*b, "service");
    return first != second ? first < second : number_of(*a, "age_s") > number_of(*b, "age_s");
  });
  for (const Object* const item : sorted) {
    std::string note;
    const auto add = [&](std::string_view text) { note += (note.empty() ? "" : ", ") + std::string(text); };
    if (flag_of(*item, "old_program")) add("old program");
    if (flag_of(*item, "gone")) add("service is gone");
    if (flag_of(*item, "ending")) add("ending");
    table.add({text_of(*item, "service"), limit(*item, "pid"), has_value(*item, "source") ? text_of(*item, "source") : "-",
               span_text(number_of(*item, "age_s")), note});
  }
  return table.empty() ? "no instances\n" : table.text(colour);
}

std::string bans_view(const ControlReply& reply, bool colour) {
  constexpr std::int64_t kForEver = std::numeric_limits<std::int64_t>::max();
  Table table({{"SOURCE"}, {"LEFT", true}, {"AGE", true}, {"TIMES", true}, {"HITS", true}, {"BY"}, {"REASON"}});
  std::vector<const Object*> sorted;
  for (const Object& item : reply.items) sorted.push_back(&item);
  std::ranges::stable_sort(sorted, {}, [](const Object* item) { return number_of(*item, "left_s", kForEver); });
  for (const Object* const item : sorted) {
    table.add({text_of(*item, "prefix"), has_value(*item, "left_s") ? span_text(number_of(*item, "left_s")) : "for ever",
               span_text(number_of(*item, "age_s")), limit(*item, "times"), amount(*item, "hits"), text_of(*item, "origin"),
               text_of(*item, "reason")});
  }
  return table.empty() ? "no bans\n" : table.text(colour);
}

std::string history_view(const ControlReply& reply, bool colour) {
  Table table({{"SOURCE"}, {"BEGAN"}, {"ENDED"}, {"WHY"}, {"TIMES", true}, {"HITS", true}, {"BY"}, {"REASON"}});
  for (const Object& item : reply.items) {
    std::string ended = "in force", why;
    if (has_value(item, "ended")) {
      ended = date_text(number_of(item, "ended"));
      why = text_of(item, "why");
      if (has_value(item, "lifted_by")) why += " by " + text_of(item, "lifted_by");
    } else {
      why = has_value(item, "until") ? "until " + date_text(number_of(item, "until")) : "for ever";
    }
    std::string by = text_of(item, "origin");
    if (!text_of(item, "node").empty()) by += " " + text_of(item, "node");
    table.add({text_of(item, "prefix"), date_text(number_of(item, "since")), ended, why, amount(item, "times"), amount(item, "hits"), by,
               text_of(item, "reason")});
  }
  return table.empty() ? "no bans\n" : table.text(colour);
}

std::string record_view(const Object& item, bool colour) {
  if (has_value(item, "lost")) return fmt::format("... {} records are lost: they came faster than they were read", number_of(item, "lost"));
  std::string event = text_of(item, "event");
  const bool is_refusal = event == "fail";
  std::string out = text_of(item, "time") + "  ";
  if (colour && is_refusal) out += "\x1b[31m";
  fmt::format_to(Out(out), "{:<6}", event);
  if (colour && is_refusal) out += "\x1b[0m";
  out += " " + text_of(item, "service");
  if (has_value(item, "source")) out += " from " + text_of(item, "source");
  if (number_of(item, "pid") != 0) fmt::format_to(Out(out), " pid {}", number_of(item, "pid"));
  if (has_value(item, "status")) fmt::format_to(Out(out), " status {}", number_of(item, "status"));
  if (has_value(item, "signal")) fmt::format_to(Out(out), " signal {}", number_of(item, "signal"));
  if (has_value(item, "data")) return out + fmt::format(" said {} bytes: {}", number_of(item, "bytes_in"), text_of(item, "data"));
  if (has_value(item, "bytes_in")) fmt::format_to(Out(out), " in {} out {}", number_of(item, "bytes_in"), number_of(item, "bytes_out"));
  if (has_value(item, "duration_ms"))
    fmt::format_to(Out(out), " after {:.3f} s", static_cast<double>(number_of(item, "duration_ms")) / 1000);
  for (const char* const field : {"reason", "rule", "user", "ident_error", "error"}) {
    if (has_value(item, field)) fmt::format_to(Out(out), " {} {}", field, text_of(item, field));
  }
  return out;
}

std::string reload_view(const Object& item, bool colour) {
  const std::string kind = text_of(item, "kind");
  const bool is_bad = kind == "error" || kind == "ends";
  return fmt::format("{}{:<8}{} {}", colour && is_bad ? "\x1b[31m" : "", kind, colour && is_bad ? "\x1b[0m" : "", text_of(item, "text"));
}

std::string json_view(const ControlReply& reply, std::string_view name) {
  std::string out = "{";
  if (!name.empty()) {
    fmt::format_to(Out(out), "\"{}\":[", name);
    for (std::size_t each = 0; each < reply.items.size(); ++each)
      out += (each == 0 ? "\n" : ",\n") + boost::json::serialize(reply.items[each]);
    out += reply.items.empty() ? "]" : "\n]";
  }
  const std::string last = boost::json::serialize(reply.last);
  if (last.size() > 2) out += (name.empty() ? "" : ",") + last.substr(1, last.size() - 2);
  return out + "}\n";
}

}  // namespace reeve
