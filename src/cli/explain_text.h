// How `reeve explain` writes its answers: for people, aligned, and as JSON.
#pragma once

#include <optional>
#include <string>

#include "cli/explanation.h"

namespace reeve {

// An explanation, and what it is about.
struct Explained {
  const Configuration* configuration = nullptr;
  const Service* service = nullptr;
  Address source;
  Explanation explanation;
  std::string when;  // "Wed 2026-11-25 08:24:00"
  // Of a pasted line: what it says, and whether this is the same.
  struct Compared {
    std::string claim;  // "refused: cps", "served"
    bool agrees = false;
    std::string remark;  // what was taken from the line, or what differs
  };
  std::optional<Compared> compared;
};

// "admitted", "refused: per_source, by /etc/reeve.conf:12".
[[nodiscard]] std::string outcome_text(const Explanation& explanation);

[[nodiscard]] std::string explained_text(const Explained& explained, bool colour);
[[nodiscard]] std::string explained_json(const Explained& explained);

}  // namespace reeve
