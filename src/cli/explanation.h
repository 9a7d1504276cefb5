// Explanation: what stands between a visit and its service, gate by gate: what each compared, which line said so, and what
// would have to change.
//
// The answer is that of the engine's own functions: policy/decide.h's trace(), policy/wrap_match.h. Here they get words.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/identity.h"
#include "cli/wrap_answer.h"
#include "policy/decide.h"

namespace reeve {

// Where a fact comes from.
enum class FactOrigin : std::uint8_t {
  assumed,  // nobody said: as on an idle machine
  given,    // on the command line
  line,     // follows from the log line that was pasted
  daemon,   // the daemon that runs
};

// The facts of a visit, and where each comes from.
struct KnownFacts {
  Facts facts;  // facts.identity: see below
  Identity identity;
  FactOrigin stopped = FactOrigin::assumed, ban = FactOrigin::assumed, rate = FactOrigin::assumed, source_rate = FactOrigin::assumed,
             load = FactOrigin::assumed, pressure = FactOrigin::assumed;
  FactOrigin running = FactOrigin::assumed, running_from = FactOrigin::assumed, processes = FactOrigin::assumed;
  std::string ban_text;       // "until ..., because of sensor trap"; empty: not known
  std::string never_banned;   // "a default gateway"; empty: it can be banned, as far as is known
  std::string penalty_text;   // "20 of 100 (penalties 20: refused 4)"; empty: no penalties, or not known
  std::string_view day_text;  // for access_times: "Wed 2026-11-25 08:24:00"
};

struct ExplainStep {
  enum class Says : std::uint8_t {
    passes,
    refuses,
    unknown,  // it depends on something that is not known
    note,     // no gate: what happens then
  };
  std::string_view gate;
  Says says = Says::passes;
  std::string compared;
  std::string place;   // "FILE:LINE"; empty: no line says so
  std::string change;  // what would have to change for the opposite answer
};

struct Explanation {
  enum class Answer : std::uint8_t { admitted, refused, unknown };
  std::vector<ExplainStep> steps;
  Verdict verdict;  // decide()'s, of the gates before tcp wrappers
  Answer answer = Answer::admitted;
  std::optional<Reason> reason;     // refused
  std::size_t deciding = SIZE_MAX;  // index into steps: what refused, or what is not known
};

// `wrap`: nullptr: hosts.allow and hosts.deny are not asked.
[[nodiscard]] Explanation explain_visit(const Configuration& configuration, const Service& service, const Address& source,
                                        const KnownFacts& known, const WrapFiles* wrap);

// "FILE:LINE"; empty where no line is meant.
[[nodiscard]] std::string place_text(const Configuration& configuration, Where where);

}  // namespace reeve
