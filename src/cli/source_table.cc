#include "cli/source_table.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace reeve {

void SourceTable::take(std::span<const Happening> visits, double weight, std::chrono::milliseconds span, std::chrono::milliseconds now) {
  for (const Happening& visit : visits) {
    if (!lines_.contains(visit.source) && lines_.size() >= kMost) make_room();
    SourceLine& line = lines_[visit.source];
    const bool is_refusal = !visit.reason.empty();
    (is_refusal ? line.refused : line.admitted) += weight;
    (is_refusal ? line.fresh_refused : line.fresh_admitted) += weight;
    if (is_refusal) line.reason = visit.reason;
    line.service = visit.service;
    line.seen = now;
  }
  const double seconds = std::chrono::duration<double>(span).count();
  const double share = 1 - std::exp(-seconds / std::chrono::duration<double>(kMemory).count());
  for (auto& [source, line] : lines_) {
    if (seconds > 0) {
      line.admitted_rate += (line.fresh_admitted / seconds - line.admitted_rate) * share;
      line.refused_rate += (line.fresh_refused / seconds - line.refused_rate) * share;
    }
    line.fresh_admitted = line.fresh_refused = 0;
  }
}

void SourceTable::make_room() {
  const auto least = std::ranges::min_element(lines_, {}, [](const auto& entry) {
    const SourceLine& line = entry.second;
    return std::tuple(line.admitted_rate + line.refused_rate + line.fresh_admitted + line.fresh_refused, line.seen);
  });
  lines_.erase(least);
  ++forgotten_;
}

}  // namespace reeve
