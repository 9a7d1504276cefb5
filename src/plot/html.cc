#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plot/axis.h"
#include "plot/markup.h"
#include "plot/picture.h"
#include "plot/plot.h"
#include "plot/samples.h"

namespace reeve {
namespace {

// Rows of the table of all figures; samples beyond are left to the picture.
constexpr std::size_t kMostRows = 2000;

constexpr std::string_view kStyle = R"(<style>
:root{color-scheme:light dark}
body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:920px;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;background:#fff;color:#1c2128}
figure{margin:0 0 1.5rem}
svg{width:100%;height:auto}
.table{overflow-x:auto}
table{border-collapse:collapse;margin:1.25rem 0;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding-bottom:.35rem}
th,td{padding:.25rem .75rem .25rem 0;text-align:left;border-bottom:1px solid #dfe3e8;vertical-align:top}
thead th{color:#57606a;font-weight:600}
tbody th{font-weight:400}
td.n,th.n{text-align:right}
summary{cursor:pointer;font-weight:600}
@media(prefers-color-scheme:dark){body{background:#12161c;color:#e6e9ed}th,td{border-color:#2a313a}thead th{color:#a0a9b4}}
</style>
)";

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.,-+% kMG") == std::string_view::npos;
}

// Columns that hold nothing but numbers stand on the right.
std::vector<bool> numeric_columns(const PlotTable& table) {
  std::vector<bool> numeric(table.head.size(), !table.rows.empty());
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < numeric.size() && i < row.size(); ++i)
      numeric[i] = numeric[i] && (row[i].empty() || is_number(row[i]) || row[i] == "–");
  }
  return numeric;
}

void append(std::string& out, const PlotTable& table) {
  const std::vector<bool> numeric = numeric_columns(table);
  const auto marked = [&](std::size_t column) { return column < numeric.size() && numeric[column] ? " class=\"n\"" : ""; };
  fmt::format_to(std::back_inserter(out), "<div class=\"table\"><table>\n<caption>{}</caption>\n<thead><tr>", escaped(table.caption));
  for (std::size_t i = 0; i < table.head.size(); ++i)
    fmt::format_to(std::back_inserter(out), "<th scope=\"col\"{}>{}</th>", marked(i), escaped(table.head[i]));
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == 0) {
        fmt::format_to(std::back_inserter(out), "<th scope=\"row\"{}>{}</th>", marked(i), escaped(row[i]));
      } else {
        fmt::format_to(std::back_inserter(out), "<td{}>{}</td>", marked(i), escaped(row[i]));
      }
    }
    out += "</tr>\n";
  }
  out += "</tbody>\n</table></div>\n";
}

PlotTable figures(const Plot& plot) {
  PlotTable table{.caption = "All figures of the picture", .head = {"time"}, .rows = {}};
  for (const Panel& panel : plot.panels) {
    const std::string unit = panel.unit.empty() ? "" : fmt::format(" ({})", panel.unit);
    for (const Series& series : panel.series) table.head.push_back(fmt::format("{}: {}{}", panel.title, series.name, unit));
  }
  const std::size_t count = std::min(sample_count(plot), kMostRows);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::string> row{time_text(plot, plot.begin + plot.step * static_cast<double>(i))};
    for (const Panel& panel : plot.panels) {
      for (const Series& series : panel.series) row.push_back(short_number(sample(series, i)));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::string to_html(const Plot& plot, const std::vector<PlotTable>& tables) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{}</title>\n{}</head>\n<body>\n<figure>\n{}</figure>\n",
      escaped(plot.title), kStyle, svg_element(plot, false));
  for (const PlotTable& table : tables) append(out, table);
  out += "<details>\n<summary>The figures</summary>\n";
  append(out, figures(plot));
  return out + "</details>\n</body>\n</html>\n";
}

}  // namespace reeve
