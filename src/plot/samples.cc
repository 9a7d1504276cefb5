#include "plot/samples.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace reeve {

double sample(const Series& series, std::size_t index) {
  constexpr double kMost = 1e15;
  const double value = index < series.values.size() ? series.values[index] : 0;
  return std::isfinite(value) && value > 0 ? std::min(value, kMost) : 0;
}

std::size_t sample_count(const Plot& plot) {
  std::size_t count = 0;
  for (const Panel& panel : plot.panels) {
    for (const Series& series : panel.series) count = std::max(count, series.values.size());
  }
  return count;
}

Drawn drawn(const Panel& panel, std::size_t most) {
  std::size_t samples = 0;
  for (const Series& series : panel.series) samples = std::max(samples, series.values.size());
  Drawn result;
  most = std::max<std::size_t>(most, 1);
  result.merged = std::max<std::size_t>((samples + most - 1) / most, 1);
  const std::size_t count = (samples + result.merged - 1) / result.merged;
  for (const Series& series : panel.series) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t first = i * result.merged, last = std::min(first + result.merged, samples);
      double sum = 0, highest = 0;
      for (std::size_t at = first; at < last; ++at) {
        sum += sample(series, at);
        highest = std::max(highest, sample(series, at));
      }
      values[i] = panel.form == Panel::Form::stacked ? sum / static_cast<double>(last - first) : highest;
      if (panel.form == Panel::Form::stacked && !result.values.empty()) values[i] += result.values.back()[i];
      result.top = std::max(result.top, values[i]);
    }
    result.values.push_back(std::move(values));
  }
  return result;
}

}  // namespace reeve
