#include "cli/top_rows.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "cli/spans.h"

namespace reeve {

namespace {

constexpr double kForEver = 1e18;

bool is_digit(char letter) noexcept {
  return letter >= '0' && letter <= '9';
}

// Numbers in texts count as numbers: 10.0.0.9 is before 10.0.0.10.
bool comes_before(std::string_view a, std::string_view b) noexcept {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const auto number = [](std::string_view& text) {
        while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
        const auto end = std::ranges::find_if_not(text, is_digit);
        const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        text.remove_prefix(digits.size());
        return digits;
      };
      const std::string_view first = number(a), second = number(b);
      if (first.size() != second.size()) return first.size() < second.size();
      if (first != second) return first < second;
    } else {
      if (a[0] != b[0]) return a[0] < b[0];
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.size() < b.size();
}

bool has_text(std::string_view text, std::string_view wanted) noexcept {
  const auto lower = [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; };
  return !std::ranges::search(text, wanted, {}, lower, lower).empty();
}

bool is_wanted(const TopRow& row, std::string_view filter) noexcept {
  return filter.empty() || std::ranges::any_of(row.cells, [&](const TopCell& cell) { return has_text(cell.text, filter); });
}

TopCell rate(double value) {
  return {rate_text(value), value};
}

TopCell count(double value) {
  return {count_text(value), value};
}

TopCell count(std::uint64_t value) {
  return count(static_cast<double>(value));
}

TopCell word(const std::string& text) {
  return {text.empty() ? "-" : text};
}

void add_services(std::vector<TopRow>& rows, const TopModel& model) {
  for (const auto& [id, line] : model.services()) {
    const ServiceCount& now = line.count;
    rows.push_back({id,
                    {{id},
                     word(now.state),
                     count(now.running),
                     rate(line.admitted.per_second()),
                     rate(line.refused.per_second()),
                     count(now.admitted),
                     count(now.refused),
                     word(now.last_refusal)},
                    now.state != "open" && now.state != "inner" && now.state != "occupied"});
  }
}

void add_sources(std::vector<TopRow>& rows, const TopModel& model) {
  const auto now = model.counts() ? model.counts()->at : std::chrono::milliseconds(0);
  for (const auto& [source, line] : model.sources().lines()) {
    const auto age = std::chrono::floor<std::chrono::seconds>(now - line.seen).count();
    rows.push_back({source,
                    {{source},
                     rate(line.admitted_rate),
                     rate(line.refused_rate),
                     count(line.admitted),
                     count(line.refused),
                     {span_text(age), static_cast<double>(age)},
                     word(line.service),
                     word(line.reason)},
                    line.refused_rate >= 1});
  }
}

void add_bans(std::vector<TopRow>& rows, const TopModel& model) {
  for (const BanLine& ban : model.bans().bans) {
    const TopCell left = ban.left_s ? TopCell{span_text(*ban.left_s), static_cast<double>(*ban.left_s)} : TopCell{"for ever", kForEver};
    rows.push_back(
        {ban.prefix, {{ban.prefix}, left, {span_text(ban.age_s), static_cast<double>(ban.age_s)}, count(ban.hits), word(ban.reason)}});
  }
}

}  // namespace

std::string rate_text(double per_second) {
  if (per_second < 0.05) return "0";
  if (per_second < 99.95) return fmt::format("{:.1f}", per_second);
  if (per_second < 9999.5) return fmt::format("{:.0f}", per_second);
  if (per_second < 999'500) return fmt::format("{:.0f}k", per_second / 1e3);
  return fmt::format("{:.1f}M", per_second / 1e6);
}

std::string count_text(double count) {
  if (count < 99'999.5) return fmt::format("{:.0f}", count);
  if (count < 9'999'500) return fmt::format("{:.0f}k", count / 1e3);
  return fmt::format("{:.0f}M", count / 1e6);
}

const std::vector<TopColumn>& columns_of(Pane pane) {
  static const std::vector<TopColumn> kServices{{"SERVICE", false, 9}, {"STATE", false, 6},       {"RUN", true, 5},
                                                {"ADM/S", true, 7},    {"REF/S", true, 8},        {"ADMITTED", true, 2},
                                                {"REFUSED", true, 3},  {"LAST REFUSAL", false, 4}};
  static const std::vector<TopColumn> kSources{{"SOURCE", false, 9}, {"ADM/S", true, 7}, {"REF/S", true, 8},    {"ADMITTED", true, 3},
                                               {"REFUSED", true, 4}, {"AGO", true, 2},   {"SERVICE", false, 5}, {"LAST REFUSAL", false, 6}};
  static const std::vector<TopColumn> kBans{
      {"SOURCE", false, 9}, {"LEFT", true, 8}, {"AGE", true, 5}, {"HITS", true, 6}, {"REASON", false, 7}};
  return pane == Pane::services ? kServices : pane == Pane::sources ? kSources : kBans;
}

TopRows rows_of(const TopModel& model, const TopView& view) {
  TopRows found{.columns = columns_of(view.pane)};
  if (view.pane == Pane::services) add_services(found.rows, model);
  if (view.pane == Pane::sources) add_sources(found.rows, model);
  if (view.pane == Pane::bans) add_bans(found.rows, model);
  found.all = found.rows.size();
  std::erase_if(found.rows, [&](const TopRow& row) { return !is_wanted(row, view.filter); });
  const PaneView& pane = view.here();
  const std::size_t column = std::min(pane.sort, found.columns.size() - 1);
  std::ranges::sort(found.rows, [&](const TopRow& a, const TopRow& b) {
    const TopCell &first = a.cells[column], &second = b.cells[column];
    if (found.columns[column].right) {
      // What looks the same is the same, else rows that stand for nothing would dance.
      if (first.text != second.text && first.value != second.value) return (first.value < second.value) != pane.descending;
    } else if (first.text != second.text) {
      return comes_before(first.text, second.text) != pane.descending;
    }
    return comes_before(a.key, b.key);
  });
  const auto selected = std::ranges::find(found.rows, pane.selected, &TopRow::key);
  const std::size_t last = found.rows.empty() ? 0 : found.rows.size() - 1;
  found.selected = pane.selected.empty()          ? 0
                   : selected != found.rows.end() ? static_cast<std::size_t>(selected - found.rows.begin())
                                                  : std::min(pane.at, last);
  return found;
}

}  // namespace reeve
