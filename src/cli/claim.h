// Claim: what a line of a log says became of a visit, held against the explanation of that visit.
//
// A refusal tells something about its moment: who was refused over `instances` found them all running. Such facts are taken
// from the line, so that the question is whether this configuration gives this answer in that situation.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cli/explanation.h"
#include "record/log_line.h"

namespace reeve {

struct Claim {
  bool served = false;           // START, EXIT
  std::optional<Reason> reason;  // as exactly as the line says it
  std::string_view word;         // xinetd's, which may mean several reasons; empty: `reason` says it
  std::string_view rule;         // "FILE:LINE", or empty
};

[[nodiscard]] Claim claim_of(const LogLine& line) noexcept;

// The reasons that may be meant, those first that need the fewest assumptions.
[[nodiscard]] std::vector<Reason> meant_by(const Claim& claim);

// Completes what follows from a refusal for `reason` where nobody said it; false: with this service it can't be.
[[nodiscard]] bool suppose(Reason reason, const Service& service, KnownFacts& known);

// What no gate refuses came to nothing before the gates, or behind them: the line alone tells it, and the explanation then ends as the
// line does. To be called where they agree; other reasons change nothing.
void conclude(Explanation& explanation, Reason reason, const Configuration& configuration, const Service& service);

// Does the explanation come to the same end?
[[nodiscard]] bool agrees(const Explanation& explanation, Reason reason, const Service& service, const Address& source) noexcept;

}  // namespace reeve
