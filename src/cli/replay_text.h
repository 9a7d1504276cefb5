// How `reeve replay` writes what it found: for people, and as JSON.
#pragma once

#include <cstdint>
#include <string>

#include "cli/replay.h"
#include "cli/replay_count.h"
#include "cli/wrap_answer.h"

namespace reeve {

struct ReplaySummary {
  const ReplayRequest& request;
  const Configuration& configuration;
  const WrapFiles& wrap;
  const ReplayCount& count;
  const ReplayInput::Counts& input;
  std::size_t logs = 0;
  std::uint64_t nobodies = 0;  // visits without an address
  std::uint64_t assumed_ends = 0, crowded_out = 0;
  std::size_t bans = 0;  // at the end

  // "FILE:LINE"; empty where no line says so.
  [[nodiscard]] std::string place_of(const ReplayCount::Rule& rule) const;
};

[[nodiscard]] std::string replay_text(const ReplaySummary& summary);
[[nodiscard]] std::string replay_json(const ReplaySummary& summary);

// "per_source", "cps (nobody listens)".
[[nodiscard]] std::string rule_name(const ReplayCount::Rule& rule);
// "1,234,567"
[[nodiscard]] std::string grouped(std::uint64_t number);

}  // namespace reeve
