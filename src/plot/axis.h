// Axes: where the ticks of a picture stand, and what they are called. Pure; used by plot/svg.cc and plot/html.cc.
#pragma once

#include <string>
#include <vector>

#include "plot/plot.h"

namespace reeve {

struct Tick {
  double at = 0;
  std::string text;
};

struct ValueAxis {
  double top = 1;           // the axis runs from 0 to here
  std::vector<Tick> ticks;  // from 0 to top, both included
};

// An axis with round numbers that reaches `most` or a little more; at most `count` steps.
[[nodiscard]] ValueAxis value_axis(double most, unsigned count);

// "1,250", "12.5k", "3M"; what is below 10 keeps two significant digits.
[[nodiscard]] std::string short_number(double value);

// Ticks at round times from `begin` to `end` (seconds, as Plot::begin), at most `count`.
[[nodiscard]] std::vector<Tick> time_ticks(const Plot& plot, double begin, double end, unsigned count);
// What an axis with these ticks shows: "time (minutes:seconds)", "time (UTC), from 2026-11-24 13:05:00".
[[nodiscard]] std::string time_axis_name(const Plot& plot, double begin, double end, unsigned count);
// One moment in full, for a table's row: "0:01:30", "2026-11-24 13:05:00".
[[nodiscard]] std::string time_text(const Plot& plot, double at);

}  // namespace reeve
