// Plot: figures over time as a picture, for whoever answers a question with more than a table.
//
// `reeve simulate` and `reeve replay` fill a Plot, to_svg() and to_html() write it. Panels stand under one another, or
// beside one another when two runs are compared; all share the time axis, those beside one another the scale of their values
// unless one of them were flat then.
// Pure and deterministic: the same Plot is the same text. Whatever stands in its texts, the result is well-formed, refers to
// nothing outside of itself, can be read in light and dark, and says in words (title, desc) what there is to see. Its size is
// bounded by that of the picture: samples that share a pixel are merged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace reeve {

// What a series means to the reader, as a colour. Colours can be told apart by the colour-blind too.
enum class Tone : std::uint8_t {
  good,   // what should happen does (blue)
  bad,    // what should not happen does (orange red)
  quiet,  // of no consequence: kept out (grey)
  first,  // a quantity (purple)
  second  // another one (green)
};

// Samples at even distances: sample i holds from Plot::begin + i * Plot::step up to the next one. A value is finite and not
// negative; anything else counts as 0.
struct Series {
  std::string name;
  Tone tone = Tone::first;
  std::vector<double> values;
};

struct Panel {
  enum class Form : std::uint8_t {
    stacked,  // areas upon each other: shares of a whole. Merged samples are averaged.
    lines,    // each by itself. Of merged samples the highest is shown.
  };
  std::string title;
  std::string unit;  // "a second"; may be empty
  Form form = Form::stacked;
  std::vector<Series> series;
};

// A period that is shaded in all panels, e.g. that of an attack.
struct Period {
  std::string name;
  double begin = 0, end = 0;  // as Plot::begin
};

struct Plot {
  enum class Clock : std::uint8_t {
    elapsed,  // seconds since something began: "0:30", "10 min", "1:30 h"
    wall,     // seconds since 1970 in UTC, shown as time of day and date, `utc_offset` added
  };
  std::string title;
  std::string description;  // a sentence or two under the title
  Clock clock = Clock::elapsed;
  int utc_offset = 0;         // seconds east of Greenwich; wall only
  std::string zone;           // its name, for the axis: "UTC", "CET"; wall only
  double begin = 0;           // of the first sample, seconds
  double step = 1;            // seconds a sample; above 0
  unsigned columns = 1;       // panels beside one another; 1 or 2
  std::vector<Panel> panels;  // row by row
  std::vector<Period> periods;
};

// A table under the picture; each row has as many cells as `head`.
struct PlotTable {
  std::string caption;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

// A document of its own: an SVG file.
[[nodiscard]] std::string to_svg(const Plot& plot);
// A page with the picture, the tables, and all figures of the picture as a table.
[[nodiscard]] std::string to_html(const Plot& plot, const std::vector<PlotTable>& tables);

}  // namespace reeve
