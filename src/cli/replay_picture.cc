#include "cli/replay_picture.h"

#include <fmt/format.h>

#include "cli/explanation.h"
#include "plot/plot.h"
#include "sys/clock.h"

namespace reeve {
namespace {

Plot plot_of(const ReplaySummary& summary) {
  const ReplayCount::Timeline& timeline = summary.count.timeline();
  const bool has_old = !summary.request.against.empty();
  Plot plot{.title = "Replay against " + summary.request.path,
            .description = fmt::format("{} visits; before: {}", grouped(summary.count.all().visits),
                                       has_old ? summary.request.against : "as the log tells"),
            .clock = Plot::Clock::wall};
  if (summary.count.first()) plot.utc_offset = static_cast<int>(local_offset(*summary.count.first()).count());
  plot.zone = "local time";
  plot.begin = static_cast<double>(timeline.begin);
  plot.step = static_cast<double>(timeline.step);

  Series served{.name = "admitted before and now", .tone = Tone::good, .values = {}};
  Series newly_admitted{.name = "admitted now only", .tone = Tone::second, .values = {}};
  Series newly_refused{.name = "admitted before, refused now", .tone = Tone::bad, .values = {}};
  Series refused{.name = "refused before and now", .tone = Tone::quiet, .values = {}};
  const auto rate = [&](std::uint64_t visits) { return static_cast<double>(visits) / static_cast<double>(timeline.step); };
  for (const ReplayCount::Moment& moment : timeline.moments) {
    served.values.push_back(rate(moment.served));
    newly_admitted.values.push_back(rate(moment.newly_admitted));
    newly_refused.values.push_back(rate(moment.newly_refused));
    refused.values.push_back(rate(moment.refused));
  }
  plot.panels.push_back(
      {.title = "Visits", .unit = "a second", .form = Panel::Form::stacked, .series = {served, newly_admitted, newly_refused, refused}});
  return plot;
}

std::vector<PlotTable> tables_of(const ReplaySummary& summary) {
  PlotTable rules{.caption = "Rules that refuse", .head = {"Refused", "Of them new", "Service", "Reason", "By"}, .rows = {}};
  for (const auto& [rule, of] : summary.count.rules()) {
    rules.rows.push_back({grouped(of.visits), grouped(of.newly_refused), std::string(summary.configuration.services[rule.service].id),
                          rule_name(rule), summary.place_of(rule)});
  }
  PlotTable sources{.caption = "Sources with the most changes",
                    .head = {"Source", "Visits", "Admitted before", "Admitted now", "Newly refused"},
                    .rows = {}};
  for (const auto& [source, of] : summary.count.top_sources(summary.request.top)) {
    sources.rows.push_back({to_text(source), grouped(of.tally.visits), grouped(of.tally.admitted_before), grouped(of.tally.admitted_now),
                            grouped(of.tally.newly_refused)});
  }
  return {rules, sources};
}

}  // namespace

std::string replay_picture(const ReplaySummary& summary) {
  const Plot plot = plot_of(summary);
  return summary.request.plot.ends_with(".html") ? to_html(plot, tables_of(summary)) : to_svg(plot);
}

}  // namespace reeve
