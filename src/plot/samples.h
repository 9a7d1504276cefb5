// Samples of a panel as they are drawn: merged to what a picture can show, added up where they stand upon each other.
#pragma once

#include <cstddef>
#include <vector>

#include "plot/plot.h"

namespace reeve {

struct Drawn {
  std::size_t merged = 1;  // how many samples one value stands for
  // For each series of the panel, from the bottom up; all have the same length. Stacked ones are added up: [i] is the upper
  // edge of series i.
  std::vector<std::vector<double>> values;
  double top = 0;  // the highest of all
};

// `most`: how many values a series may have.
[[nodiscard]] Drawn drawn(const Panel& panel, std::size_t most);

// How many samples the longest series of `plot` has.
[[nodiscard]] std::size_t sample_count(const Plot& plot);
// The sample as it counts: finite and not negative; 0 behind the end.
[[nodiscard]] double sample(const Series& series, std::size_t index);

}  // namespace reeve
