#include "cli/top_layout.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/cell_text.h"
#include "cli/spans.h"
#include "cli/sparkline.h"
#include "cli/top_rows.h"
#include "cli/top_table.h"

namespace reeve {

namespace {

using Mode = TopView::Mode;

constexpr std::size_t kFewLines = 8;  // on fewer the sparklines make room
constexpr std::size_t kLabel = 20;    // "admitted/s   123.4  "
constexpr std::size_t kPeak = 12;     // "  peak 1234k"
constexpr std::string_view kKeys = "q quit  ? help  tab pane  / filter  s sort  r reverse  b ban  u unban  p pause";

constexpr std::string_view kHelp[] = {
    "1 2 3, tab      services, sources, bans",
    "up down, j k    select; page up, page down, home, end",
    "s S r           sort by the next column, the one before, the other way round",
    "/               filter: rows that hold the text; Esc ends it",
    "b               ban the selected source: asks for how long, and once more",
    "u               lift the selected ban",
    "p, space        pause the picture",
    "q               quit",
    "",
    "ADM/S and REF/S are visits that were admitted and refused each second,",
    "of services over the last 5 s. Counts are those since the engine's start,",
    "of sources since they are on the list.",
};

// Cuts a line that is too long.
TopLine fitted(TopLine line, const TopSize& size) {
  std::size_t left = size.columns;
  for (TopSpan& span : line) {
    CellText text = cell_text(span.text, left, size.unicode);
    left -= text.cells;
    span.text = std::move(text.text);
  }
  return line;
}

// `left`, and `right` at the other edge where there is room for both.
TopLine two_sided(TopSpan left, TopSpan right, const TopSize& size) {
  const std::size_t all = cell_text(left.text, 10'000, size.unicode).cells + cell_text(right.text, 10'000, size.unicode).cells;
  if (all + 1 > size.columns) return fitted({std::move(right), {" "}, std::move(left)}, size);
  left.text.append(size.columns - all, ' ');
  return fitted({std::move(left), std::move(right)}, size);
}

TopLine title_line(const TopModel& live, const TopModel& shown, const TopView& view, const TopSize& size) {
  TopSpan state{"live", TopStyle::good};
  if (view.paused) state = {"PAUSED", TopStyle::warning};
  if (live.trouble()) state = {"NO DAEMON", TopStyle::bad};
  std::string text = "reeve top";
  if (const auto& counts = shown.counts()) {
    text += fmt::format("  reeved {} up {}, load {:.2f}, {} running, {} bans", counts->version, span_text(counts->uptime_s), counts->load,
                        counts->running, counts->bans);
  }
  return two_sided({std::move(text), TopStyle::title}, std::move(state), size);
}

TopLine spark_line(const TopModel& model, std::string_view label, double Tick::*figure, TopStyle style, const TopSize& size) {
  std::vector<std::optional<double>> figures;
  for (const Tick& tick : model.history()) figures.push_back(tick.is_gap ? std::nullopt : std::optional(tick.*figure));
  const std::string now = figures.empty() || !figures.back() ? "-" : rate_text(*figures.back());
  TopSpan left{cell_field(fmt::format("{:<11}{:>7}", label, now), kLabel, false, true), TopStyle::plain};
  if (size.columns < kLabel + kPeak) return fitted({std::move(left)}, size);
  const std::size_t width = size.columns - kLabel - kPeak;
  double peak = 0;
  for (std::size_t each = figures.size() > width ? figures.size() - width : 0; each < figures.size(); ++each)
    peak = std::max(peak, figures[each].value_or(0));
  return fitted({std::move(left), {sparkline(figures, width, size.unicode), style}, {"  peak " + rate_text(peak), TopStyle::dim}}, size);
}

TopLine tab_line(const TopModel& model, const TopView& view, const TopRows& rows, const TopSize& size) {
  TopLine line;
  const auto add = [&](Pane pane, std::string_view name, std::uint64_t count) {
    const bool is_here = pane == view.pane;
    line.push_back({fmt::format("{}{} {} {}{} ", is_here ? '[' : ' ', static_cast<int>(pane) + 1, name, count, is_here ? ']' : ' '),
                    is_here ? TopStyle::title : TopStyle::dim});
  };
  add(Pane::services, "services", model.counts() ? model.counts()->services : 0);
  add(Pane::sources, "sources", model.sources().lines().size());
  add(Pane::bans, "bans", model.counts() ? model.counts()->bans : 0);
  if (!view.filter.empty() || view.mode == Mode::filter)
    line.push_back({fmt::format("  /{} ({} of {})", view.filter, rows.rows.size(), rows.all), TopStyle::warning});
  return fitted(std::move(line), size);
}

// What is to be known about what is shown.
TopSpan note_of(const TopModel& live, const TopModel& shown, const TopView& view) {
  if (live.trouble()) return {"the daemon is gone: " + *live.trouble() + "; trying again every second", TopStyle::bad};
  if (!view.message.empty()) return {view.message, view.message_is_bad ? TopStyle::bad : TopStyle::plain};
  if (view.pane == Pane::bans && shown.bans().all > shown.bans().bans.size())
    return {fmt::format("{} of {} bans: an address or a network as filter looks among all", shown.bans().bans.size(), shown.bans().all),
            TopStyle::warning};
  if (view.pane == Pane::services && shown.counts() && shown.services().size() < shown.counts()->services)
    return {fmt::format("{} of {} services", shown.services().size(), shown.counts()->services), TopStyle::warning};
  if (view.pane != Pane::sources) return {};
  std::string text;
  if (shown.record_weight() > 1) text = fmt::format("sampled: one of {:.0f} visits was looked at", shown.record_weight());
  if (shown.sources().forgotten() > 0) {
    text += fmt::format("{}{} sources at most, {} quieter ones were forgotten", text.empty() ? "" : "; ", SourceTable::kMost,
                        shown.sources().forgotten());
  }
  return {std::move(text), TopStyle::dim};
}

TopSpan prompt_of(const TopView& view) {
  switch (view.mode) {
    case Mode::filter:
      return {"filter: " + view.filter + "_   (enter keeps it, Esc ends it)", TopStyle::title};
    case Mode::ban_span:
      return {fmt::format("ban {} for how long? (30m, 2h, 1d, ever; Esc: not at all) {}_", view.subject, view.typed), TopStyle::title};
    case Mode::ban_confirm:
      return {fmt::format("shut {} out of all services {}? (y/n)", view.subject, view.typed == "ever" ? "for ever" : "for " + view.typed),
              TopStyle::warning};
    case Mode::unban_confirm:
      return {fmt::format("lift the ban of {}? (y/n)", view.subject), TopStyle::warning};
    case Mode::help:
      return {"any key goes back", TopStyle::title};
    case Mode::browse:
      break;
  }
  return {std::string(kKeys), TopStyle::dim};
}

}  // namespace

TopScreen lay_out(const TopModel& model, const TopView& view, TopSize size) {
  TopScreen screen;
  if (size.lines == 0 || size.columns == 0) return screen;
  const TopModel& shown = view.paused ? *view.paused : model;
  const TopRows rows = rows_of(shown, view);
  std::vector<TopLine>& lines = screen.lines;
  lines.push_back(title_line(model, shown, view, size));
  if (size.lines >= kFewLines) {
    lines.push_back(spark_line(shown, "admitted/s", &Tick::admitted, TopStyle::good, size));
    lines.push_back(spark_line(shown, "refused/s", &Tick::refused, TopStyle::bad, size));
  }
  lines.push_back(tab_line(shown, view, rows, size));
  constexpr std::size_t kHead = 1, kFoot = 2;
  screen.page = size.lines > lines.size() + kHead + kFoot ? size.lines - lines.size() - kHead - kFoot : 0;
  if (view.mode == Mode::help) {
    for (const std::string_view line : kHelp) lines.push_back(fitted({{std::string(line)}}, size));
  } else {
    for (TopLine& line : table_lines(rows, view.here(), screen.page, size)) lines.push_back(fitted(std::move(line), size));
  }
  // The last two lines are where they are looked for.
  const std::size_t foot = std::min(kFoot, size.lines);
  lines.resize(size.lines - foot);
  if (foot == kFoot) lines.push_back(fitted({note_of(model, shown, view)}, size));
  lines.push_back(fitted({prompt_of(view)}, size));
  return screen;
}

}  // namespace reeve
