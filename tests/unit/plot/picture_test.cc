// What the picture promises: well-formed, self-contained, deterministic, bounded, and the figures are in it.
#include <limits>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "plot/plot.h"

namespace reeve {
namespace {

Plot small_plot() {
  Plot plot{.title = "A flood", .description = "Two panels.", .step = 10};
  plot.panels.push_back({.title = "honest visits",
                         .unit = "a second",
                         .series = {{"served", Tone::good, {1, 2, 3, 3, 2, 1}}, {"refused", Tone::bad, {0, 0, 1, 2, 1, 0}}}});
  plot.panels.push_back({.title = "instances", .form = Panel::Form::lines, .series = {{"running", Tone::first, {5, 5, 9, 10, 8, 5}}}});
  plot.periods.push_back({"botnet", 20, 50});
  return plot;
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

// Elements open and close in order; attributes are quoted and differ; no stray < or &.
bool is_well_formed(const std::string& xml, std::string& complaint) {
  static const std::regex kTag(R"(<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s+[A-Za-z][A-Za-z:-]*="[^"<]*")*)\s*(/?)>)");
  static const std::regex kEntity("&(?!(amp|lt|gt|quot);)");
  std::vector<std::string> open;
  std::string rest = xml;
  if (rest.starts_with("<?xml")) rest.erase(0, rest.find("?>") + 2);
  std::smatch match;
  while (std::regex_search(rest, match, kTag)) {
    const std::string between = match.prefix().str();
    if (between.find('<') != std::string::npos || std::regex_search(between, kEntity)) complaint = "stray text: " + between;
    if (std::regex_search(match[3].str(), kEntity)) complaint = "attributes: " + match[3].str();
    if (match[1].length() != 0) {
      if (open.empty() || open.back() != match[2]) complaint = "unexpected end of " + match[2].str();
      if (!open.empty()) open.pop_back();
    } else if (match[4].length() == 0) {
      open.push_back(match[2]);
    }
    if (!complaint.empty()) return false;
    rest = match.suffix();
  }
  if (!open.empty() || rest.find_first_not_of(" \n") != std::string::npos) complaint = "left open or over: " + rest;
  return complaint.empty();
}

void expect_well_formed(const std::string& svg) {
  std::string complaint;
  EXPECT_TRUE(is_well_formed(svg, complaint)) << complaint;
}

TEST(Svg, IsOneSelfContainedPicture) {
  const std::string svg = to_svg(small_plot());
  expect_well_formed(svg);
  EXPECT_EQ(count(svg, "http"), 1u) << "nothing but the namespace";
  EXPECT_EQ(count(svg, "xmlns=\"http://www.w3.org/2000/svg\""), 1u);
  for (const std::string_view outside : {"href", "url(", "<script", "@import", "<image", "<foreignObject"})
    EXPECT_EQ(count(svg, outside), 0u) << outside;
}

TEST(Svg, SaysInWordsWhatThereIsToSee) {
  const std::string svg = to_svg(small_plot());
  EXPECT_NE(svg.find("<title id=\"rp-title\">A flood</title>"), std::string::npos);
  EXPECT_NE(svg.find("<desc id=\"rp-desc\">Two panels. From 0:00:00 to 0:01:00. honest visits, a second: served up to 3, refused up to 2. "
                     "instances: running up to 10.</desc>"),
            std::string::npos);
  EXPECT_NE(svg.find("role=\"img\" aria-labelledby=\"rp-title rp-desc\""), std::string::npos);
  EXPECT_NE(svg.find("prefers-color-scheme:dark"), std::string::npos);
}

TEST(Svg, HasEachSeriesOnceWithItsLegend) {
  const std::string svg = to_svg(small_plot());
  EXPECT_EQ(count(svg, "<path class=\"rp-area rp-good\""), 1u);
  EXPECT_EQ(count(svg, "<path class=\"rp-area rp-bad\""), 1u);
  EXPECT_EQ(count(svg, "<title>running</title>"), 1u);
  EXPECT_EQ(count(svg, ">served</text>"), 1u);
  EXPECT_EQ(count(svg, ">refused</text>"), 1u);
  EXPECT_EQ(count(svg, "class=\"rp-period\""), 2u) << "one in each panel";
  EXPECT_EQ(count(svg, ">botnet</text>"), 1u);
}

// The geometry, for one series whose drawing can be worked out by hand: 794 wide, 120 high, from 0 to 4.
TEST(Svg, DrawsStepsWhereTheyBelong) {
  Plot plot{.step = 1};
  plot.panels.push_back({.title = "x", .form = Panel::Form::lines, .series = {{"y", Tone::first, {4, 4, 2, 0}}}});
  const std::string svg = to_svg(plot);
  std::smatch match;
  ASSERT_TRUE(
      std::regex_search(svg, match, std::regex(R"x(<path class="rp-line rp-lfirst" d="M66 (\d+)H463V(\d+)H661.5V(\d+)H860"><title>)x")))
      << svg;
  const int top = std::stoi(match[1]), middle = std::stoi(match[2]), bottom = std::stoi(match[3]);
  EXPECT_EQ(middle - top, 60);
  EXPECT_EQ(bottom - top, 120);
}

TEST(Svg, IsTheSameTextForTheSamePlot) {
  EXPECT_EQ(to_svg(small_plot()), to_svg(small_plot()));
  EXPECT_EQ(to_html(small_plot(), {}), to_html(small_plot(), {}));
}

TEST(Svg, StaysSmallHoweverMuchThereIs) {
  Plot plot = small_plot();
  for (Panel& panel : plot.panels) {
    for (Series& series : panel.series) {
      series.values.clear();
      for (unsigned i = 0; i < 200'000; ++i) series.values.push_back(i * 2'654'435'761u % 1000);
    }
  }
  const std::string svg = to_svg(plot);
  EXPECT_LT(svg.size(), 40'000u);
  expect_well_formed(svg);
}

TEST(Svg, MergedLinesKeepTheirPeak) {
  Plot plot{.step = 1};
  std::vector<double> values(10'000, 1.0);
  values[4321] = 500;
  plot.panels.push_back({.title = "x", .form = Panel::Form::lines, .series = {{"y", Tone::first, values}}});
  EXPECT_NE(to_svg(plot).find("y up to 500."), std::string::npos);
  EXPECT_NE(to_svg(plot).find(">600</text>"), std::string::npos) << "the axis reaches it";
  plot.panels[0].form = Panel::Form::stacked;
  EXPECT_EQ(to_svg(plot).find(">600</text>"), std::string::npos) << "shares are averaged";
}

TEST(Svg, PanelsBesideEachOtherShareTheirScale) {
  Plot plot{.step = 1, .columns = 2};
  plot.panels.push_back({.title = "A", .form = Panel::Form::lines, .series = {{"y", Tone::first, {10, 10}}}});
  plot.panels.push_back({.title = "B", .form = Panel::Form::lines, .series = {{"y", Tone::first, {80, 80}}}});
  std::string svg = to_svg(plot);
  EXPECT_EQ(count(svg, ">80</text>"), 2u);
  plot.panels[0].series[0].values = {9, 9};
  svg = to_svg(plot);
  EXPECT_EQ(count(svg, ">80</text>"), 1u) << "too far apart";
  EXPECT_EQ(count(svg, "time (minutes:seconds)"), 2u);
}

TEST(Svg, TakesWhatMakesNoSense) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  Plot plot{.title = "<script>&\"\x01\xff\n", .description = "]]>", .begin = nan, .step = -3, .columns = 7};
  expect_well_formed(to_svg(plot));
  plot.panels.resize(5);
  plot.panels[0].series = {{"<b>", Tone::good, {}}, {"&", static_cast<Tone>(200), {nan, -1, infinity, 1e300}}};
  plot.panels[1].form = Panel::Form::lines;
  plot.panels[1].series = {{"'\"", Tone::bad, {1}}};
  plot.periods = {{"<p>", nan, nan}, {"", -infinity, infinity}, {"back", 5, 1}};
  const std::string svg = to_svg(plot);
  expect_well_formed(svg);
  for (const std::string_view broken : {"nan", "inf", "<b>", "<p>"}) EXPECT_EQ(count(svg, broken), 0u) << broken;
}

TEST(Html, HoldsThePictureTheTablesAndTheFigures) {
  const std::string html =
      to_html(small_plot(), {{.caption = "By rule", .head = {"rule", "visits"}, .rows = {{"x.conf:3 <cps>", "17"}, {"ban", "1,200"}}}});
  EXPECT_EQ(count(html, "<svg"), 1u);
  EXPECT_EQ(count(html, "http"), 0u);
  EXPECT_NE(html.find("<caption>By rule</caption>"), std::string::npos);
  EXPECT_NE(html.find("<th scope=\"row\">x.conf:3 &lt;cps&gt;</th><td class=\"n\">17</td>"), std::string::npos);
  EXPECT_NE(html.find("<th scope=\"row\">0:00:30</th><td class=\"n\">3</td><td class=\"n\">2</td><td class=\"n\">10</td>"),
            std::string::npos);
  EXPECT_NE(html.find("<meta name=\"color-scheme\" content=\"light dark\">"), std::string::npos);
  std::string rest = html.substr(html.find("<body>"));
  rest.resize(rest.find("</html>"));
  expect_well_formed(rest);
}

}  // namespace
}  // namespace reeve
