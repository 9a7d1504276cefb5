// history_line: a ban of the past as a line of JSON, which the control socket hands on as it is (docs/control.md, `history`).
#pragma once

#include <string>

#include "defence/ban_store.h"

namespace reeve {

// No longer than an AnswerMessage's text; a long reason is cut.
[[nodiscard]] std::string history_line(const PastBan& ban);

}  // namespace reeve
