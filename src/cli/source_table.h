// SourceTable: who comes most, from the records of visits. Pure; time comes in.
//
// Rates are averages that forget within seconds (kMemory). Where the records were only a part of what happened, each counts
// for several. Bound: kMost sources; at it, the one with the lowest rate makes room, and of those the one that was longest
// away. What was forgotten is counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>

#include "cli/top_sample.h"

namespace reeve {

struct SourceLine {
  double admitted_rate = 0, refused_rate = 0;  // a second
  double admitted = 0, refused = 0;            // since it is on the table
  double fresh_admitted = 0, fresh_refused = 0;
  std::chrono::milliseconds seen{};
  std::string service, reason;  // its last; of its last refusal
};

class SourceTable {
 public:
  static constexpr std::size_t kMost = 1000;
  static constexpr std::chrono::milliseconds kMemory{3000};

  // What happened in the `span` before `now`; each visit counts `weight` times. A span of nothing: it happened some time ago,
  // and tells nothing about rates.
  void take(std::span<const Happening> visits, double weight, std::chrono::milliseconds span, std::chrono::milliseconds now);

  [[nodiscard]] const std::unordered_map<std::string, SourceLine>& lines() const noexcept { return lines_; }
  [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }

 private:
  void make_room();

  std::unordered_map<std::string, SourceLine> lines_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace reeve
