// Giving memory back that only a start or a reload needed.
#pragma once

namespace reeve {

// Returns what malloc(3) keeps of freed memory to the system, and drops the pages of our own program code: those in
// use come back from the page cache at once, those of the parser do not. For both processes, after a configuration has
// come into force. Costs some page faults, nothing else.
void give_back_memory() noexcept;

}  // namespace reeve
