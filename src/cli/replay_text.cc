#include "cli/replay_text.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/explanation.h"
#include "cli/log_calendar.h"
#include "record/stamp.h"

namespace reeve {
namespace {

constexpr std::string_view kRed = "\x1b[31m", kGreen = "\x1b[32m", kBold = "\x1b[1m", kPlain = "\x1b[0m";

using Rows = std::vector<std::vector<std::string>>;

// Aligned columns: numbers to the right, texts to the left. The first row is the head.
std::string columns(const Rows& rows) {
  std::vector<std::size_t> widths;
  std::vector<bool> is_number;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t each = 0; each < rows[row].size(); ++each) {
      const std::string& cell = rows[row][each];
      if (widths.size() <= each) {
        widths.push_back(0);
        is_number.push_back(true);
      }
      widths[each] = std::max(widths[each], cell.size());
      if (row > 0 && cell.find_first_not_of("0123456789,") != std::string::npos) is_number[each] = false;
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (std::size_t each = 0; each < row.size(); ++each) {
      line += is_number[each] ? fmt::format("  {:>{}}", row[each], widths[each]) : fmt::format("  {:<{}}", row[each], widths[each]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

using Rule = ReplayCount::Rule;

// Those that shut out who was let in before come first.
std::vector<std::pair<Rule, ReplayCount::OfRule>> ranked_rules(const ReplayCount& count) {
  std::vector<std::pair<Rule, ReplayCount::OfRule>> rules(count.rules().begin(), count.rules().end());
  std::ranges::stable_sort(rules, [](const auto& one, const auto& other) {
    return std::pair(one.second.newly_refused, one.second.visits) > std::pair(other.second.newly_refused, other.second.visits);
  });
  return rules;
}

std::string id_of(const ReplaySummary& summary, std::uint32_t service) {
  return printable(summary.configuration.services[service].id, 60);
}

std::string head(const ReplaySummary& summary) {
  const ReplayCount& count = summary.count;
  std::string text = fmt::format("{} visits", grouped(count.all().visits));
  if (count.first()) text += fmt::format(", {} to {}", date_text(*count.first()), date_text(count.last()));
  text += fmt::format("\n{} lines of {} {}, {} of other things, {} unreadable\n", grouped(summary.input.lines), summary.logs,
                      summary.logs == 1 ? "log" : "logs", grouped(summary.input.other), grouped(summary.input.unreadable));
  for (const ReplayInput::Unreadable& one : summary.input.shown) {
    text += fmt::format("  {}:{}: {}: {}\n", printable(one.log), one.line, one.why, one.text);
  }
  return text;
}

std::string notes(const ReplaySummary& summary) {
  const ReplayCount& count = summary.count;
  std::string text;
  const auto note = [&](std::uint64_t number, std::string_view what) {
    if (number > 0) text += fmt::format("{} {}\n", grouped(number), what);
  };
  note(count.unserved_visits(), "visits were of services that the configuration doesn't have:");
  std::size_t named = 0;
  for (const auto& [name, visits] : count.unserved()) {
    if (named++ == 10) {
      text += "  ...\n";
      break;
    }
    text += fmt::format("  {} ({})\n", printable(name, 60), grouped(visits));
  }
  note(summary.nobodies, "visits have no address in the log, and were left out");
  note(count.others().visits, fmt::format("visits are of more sources than are kept apart ({})", grouped(ReplayCount::kMaxSources)));
  note(summary.assumed_ends, "visits have no end in the log: how long they lasted is assumed");
  note(summary.crowded_out, "visits were more at a time than are kept, and were taken to end at once");
  const bool asks_load = std::ranges::any_of(summary.configuration.services, [](const Service& one) { return one.max_load > 0; });
  if (asks_load) text += fmt::format("max_load was held against a load of {:.2f} (--load)\n", summary.request.load);
  return text;
}

void append(Rows& rows, std::string_view name, std::uint64_t before, std::uint64_t now) {
  rows.push_back({std::string(name), grouped(before), grouped(now)});
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = fmt::to_string(number);
  for (std::size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, ",");
  return text;
}

std::string ReplaySummary::place_of(const ReplayCount::Rule& rule) const {
  if (rule.where.line == 0) return "";
  return rule.reason == Reason::libwrap ? wrap_place(wrap, rule.where) : place_text(configuration, rule.where);
}

std::string rule_name(const ReplayCount::Rule& rule) {
  return std::string(to_text(rule.reason)) + (rule.unheard ? " (nobody listens)" : "");
}

std::string replay_text(const ReplaySummary& summary) {
  const ReplayCount& count = summary.count;
  const ReplayTally& all = count.all();
  const bool has_old = !summary.request.against.empty();
  const bool colour = summary.request.colour;
  const auto paint = [&](std::string_view how, std::string text) { return colour ? fmt::format("{}{}{}", how, text, kPlain) : text; };
  std::string out = head(summary) + "\n";

  Rows totals{{"", has_old ? "old" : "log", "new"}};
  append(totals, "admitted", all.admitted_before, all.admitted_now);
  append(totals, "refused", all.refused_before, all.refused_now);
  if (all.undecided_before + all.undecided_now > 0) {
    append(totals, "depends on the client's name or user", all.undecided_before, all.undecided_now);
  }
  out += columns(totals);

  out +=
      "\n" + paint(all.newly_refused > 0 ? kRed : kGreen, fmt::format("{} admitted before would be refused", grouped(all.newly_refused)));
  out += fmt::format(", {} refused before would be admitted", grouped(all.newly_admitted));
  if (has_old) out += fmt::format(", {} are refused for another reason", grouped(count.refused_otherwise()));
  out += "\n";

  if (!count.rules().empty()) {
    Rows rows{{"refused", "of them new", "service", "reason", "by"}};
    for (const auto& [rule, of] : ranked_rules(count)) {
      rows.push_back({grouped(of.visits), grouped(of.newly_refused), id_of(summary, rule.service), rule_name(rule),
                      printable(summary.place_of(rule))});
    }
    out += "\n" + paint(kBold, "rules") + "\n" + columns(rows);
  }
  const auto sources = count.top_sources(summary.request.top);
  if (!sources.empty()) {
    Rows rows{{"source", "visits", "before", "now", "newly refused", "newly admitted", "by"}};
    for (const auto& [source, of] : sources) {
      const ReplayTally& tally = of.tally;
      const std::string by = of.rule ? rule_name(*of.rule) + " " + printable(summary.place_of(*of.rule)) : "";
      rows.push_back({to_text(source), grouped(tally.visits), grouped(tally.admitted_before), grouped(tally.admitted_now),
                      grouped(tally.newly_refused), grouped(tally.newly_admitted), by});
    }
    out += "\n" + paint(kBold, fmt::format("sources, {} of {} (admitted before and now)", sources.size(), grouped(count.source_count()))) +
           "\n" + columns(rows);
  }
  const std::string remarks = notes(summary);
  return remarks.empty() ? out : out + "\n" + remarks;
}

// ---------------------------------------------------------------- JSON

namespace {

std::string tally_json(const ReplayTally& tally) {
  return fmt::format(
      "\"visits\":{},\"admitted_before\":{},\"admitted_now\":{},\"refused_before\":{},\"refused_now\":{},\"newly_refused\":{},"
      "\"newly_admitted\":{},\"undecided\":{}",
      tally.visits, tally.admitted_before, tally.admitted_now, tally.refused_before, tally.refused_now, tally.newly_refused,
      tally.newly_admitted, tally.undecided_now);
}

std::string rule_json(const ReplaySummary& summary, const Rule& rule) {
  std::string text =
      fmt::format("\"service\":{},\"reason\":\"{}\"", json_string(summary.configuration.services[rule.service].id), to_text(rule.reason));
  const std::string place = summary.place_of(rule);
  if (!place.empty()) text += fmt::format(",\"rule\":{}", json_string(place));
  if (rule.unheard) text += ",\"resting\":true";
  return text;
}

}  // namespace

std::string replay_json(const ReplaySummary& summary) {
  const ReplayCount& count = summary.count;
  std::string out = fmt::format("{{\"file\":{}", json_string(summary.request.path));
  if (!summary.request.against.empty()) out += fmt::format(",\"against\":{}", json_string(summary.request.against));
  if (count.first()) out += fmt::format(",\"from\":\"{}\",\"to\":\"{}\"", json_stamp(*count.first()), json_stamp(count.last()));
  out += fmt::format(",\"lines\":{},\"other_lines\":{},\"unreadable_lines\":{},\"unreadable\":[", summary.input.lines, summary.input.other,
                     summary.input.unreadable);
  std::string_view separator;
  for (const ReplayInput::Unreadable& one : summary.input.shown) {
    out += fmt::format("{}{{\"log\":{},\"line\":{},\"why\":{},\"text\":{}}}", std::exchange(separator, ","), json_string(one.log), one.line,
                       json_string(one.why), json_string(one.text));
  }
  out += fmt::format("],\"total\":{{{}}},\"refused_otherwise\":{},\"rules\":[", tally_json(count.all()), count.refused_otherwise());
  separator = "";
  for (const auto& [rule, of] : ranked_rules(count)) {
    out += fmt::format("{}\n{{{},\"refused\":{},\"newly_refused\":{}}}", std::exchange(separator, ","), rule_json(summary, rule), of.visits,
                       of.newly_refused);
  }
  out += "],\"services\":[";
  separator = "";
  for (const auto& [service, tally] : count.services()) {
    out += fmt::format("{}\n{{\"service\":{},{}}}", std::exchange(separator, ","), json_string(summary.configuration.services[service].id),
                       tally_json(tally));
  }
  out += fmt::format("],\"source_count\":{},\"sources\":[", count.source_count());
  separator = "";
  for (const auto& [source, of] : count.top_sources(summary.request.top)) {
    out += fmt::format("{}\n{{\"source\":{},{}", std::exchange(separator, ","), json_string(to_text(source)), tally_json(of.tally));
    if (of.rule) out += fmt::format(",\"by\":{{{}}}", rule_json(summary, *of.rule));
    out += "}";
  }
  out += "],\"not_configured\":{";
  separator = "";
  for (const auto& [name, visits] : count.unserved())
    out += fmt::format("{}{}:{}", std::exchange(separator, ","), json_string(name), visits);
  out += fmt::format("}},\"not_configured_visits\":{},\"without_address\":{},\"assumed_ends\":{},\"bans_at_end\":{}}}\n",
                     count.unserved_visits(), summary.nobodies, summary.assumed_ends, summary.bans);
  return out;
}

}  // namespace reeve
